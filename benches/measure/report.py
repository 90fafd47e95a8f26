"""What was found, as tables for people."""

import statistics

# Another build of AnonChat.
BESIDE = "the other"
REFERENCES = ("uWebSockets", "limit", BESIDE)


def tables(found):
    """Headlines, and rows of cells below each; the first row is the head."""
    for name, scenario in found["delivery"].items():
        title = f"{name}: {scenario['title']}"
        if name == "idle":
            yield title, _idle(scenario["servers"])
        else:
            yield title, _delivery(scenario["servers"])
    if found.get("footprint"):
        yield "footprint: on a database that is there, nobody talks", _footprint(found["footprint"])
    if found["taken_in"]:
        yield "store: taken in durably", _taken_in(found["taken_in"])
    if found.get("databases"):
        yield "SQLite and PostgreSQL", _databases(found["databases"])
    if found["history"]:
        history = found["history"]
        size = f"{history['bytes'] / 1e9:.1f} GB"
        title = f"store: {history['messages']:,} messages in {history['rooms']} rooms, {size}"
        yield title, _history(history)


def _delivery(servers):
    traffic = {
        name: [report["traffic"] for report in server["rounds"]] for name, server in servers.items()
    }

    def column(pick):
        return {name: [pick(it) for it in its] for name, its in traffic.items()}

    def over_runs(*kinds):
        return [sum(it["whole_run"][kind] for it in its for kind in kinds) for its in traffic.values()]

    cpu = column(lambda it: it["server_cpu_us_per_delivery"])
    user = column(lambda it: it["server_user_us_per_delivery"])
    yield ["a delivery", *servers]
    yield from _measured("CPU, µs", cpu, 2)
    yield ["of it user time, µs", *[_range(values, 2) for values in user.values()]]
    yield from _measured("p50, µs", column(lambda it: it["latency_us"]["p50"]), 0)
    yield from _measured("p99, µs", column(lambda it: it["latency_us"]["p99"]), 0)
    for kind in ("sends", "receives", "all"):
        counts = [server.get("calls", {}).get(kind) for server in servers.values()]
        name = "system calls" if kind == "all" else kind
        yield [name, *["–" if count is None else f"{count:.3f}" for count in counts]]
    a_second = column(lambda it: it["deliveries_per_second"])
    yield ["deliveries/s", *[_range(values, 0) for values in a_second.values()]]
    yield ["lost", *over_runs("lost", "misrouted")]
    yield ["doubled", *over_runs("doubled")]
    yield ["reordered", *over_runs("reordered", "rooms_in_disorder")]
    busy = column(lambda it: it["load_busy"])
    yield ["the load was busy", *[_range(values, 2) for values in busy.values()]]


def _measured(name, values, digits):
    """Values of each server, and their ratios to those of the references."""
    yield [name, *[_range(its, digits) for its in values.values()]]
    for reference in REFERENCES:
        if reference in values:
            yield [f"÷ {reference}", *[_ratio(its, values[reference]) for its in values.values()]]


def _idle(servers):
    yield ["a connection", *servers]
    kinds = {
        "RSS, bytes": "resident_bytes_each",
        "CPU of its handshake, µs": "server_cpu_us_each",
        "handshakes/s": "per_second",
    }
    for name, kind in kinds.items():
        found = ([it["connections"][kind] for it in server["rounds"]] for server in servers.values())
        yield [name, *[_range(values, 0) for values in found]]


def _footprint(found):
    *others, this = found["programs"]
    yield ["what", *[BESIDE for _ in others], "AnonChat", *["ratio" for _ in others]]
    yield ["the program, MB", *_sizes([[it["bytes"]] for it in (*others, this)], 1e6, 1)]
    kinds = {"start to ready, ms": ("ready_ms", 1, 0), "RSS, KiB": ("resident", 1024, 0)}
    kinds["of it on no disk, KiB"] = ("anonymous", 1024, 0)
    for name, (kind, unit, digits) in kinds.items():
        starts = [[start[kind] for start in it["starts"]] for it in (*others, this)]
        yield [name, *_sizes(starts, unit, digits)]
    for kind, sizes in (found["connections"] or {}).items():
        yield [f"an idle connection, {kind}, bytes", *["–" for _ in others], _range(sizes, 0),
            *["–" for _ in others]]


def _sizes(values, unit, digits):
    """Of each program, and the ratio of the last to the one before it."""
    cells = [_range([it / unit for it in its], digits) for its in values]
    return [*cells, _ratio(values[-1], values[-2])] if len(values) > 1 else cells


def _taken_in(rows):
    yield ["rooms", "in flight in each", "messages/s"]
    for row in rows:
        yield [row["rooms"], row["window"], _range(row["messages_per_second"], 0)]


def _databases(rows):
    kinds = {"messages/s": 0, "p50, ms": 2, "p99, ms": 2}
    names = ("SQLite", "PostgreSQL")
    head = [f"{kind}, {name}" for kind in kinds for name in (*names, "ratio")]
    yield ["rooms", "in flight in each", *head]
    for row in rows:
        cells = [row["rooms"], row["window"]]
        for kind, digits in kinds.items():
            one, other = ([it[kind] for it in row[name]] for name in names)
            cells += [_range(one, digits), _range(other, digits), _ratio(other, one)]
        yield cells


def _history(history):
    yield ["what", "p50, ms", "p99, ms"]
    names = {
        "last_page": "GET /rooms/{id}/messages",
        "my_rooms": "GET /rooms",
        "public_rooms": "GET /rooms?scope=public",
    }
    for key, name in names.items():
        asked = history[key]
        times = (f"{asked[percentile]:.2f}" for percentile in ("p50_ms", "p99_ms"))
        yield [f"{name}, {asked['items']} of them", *times]
    starts = history["start_ms"]
    yield ["start (median, longest)", f"{statistics.median(starts):.0f}", f"{max(starts):.0f}"]


def _ratio(values, reference):
    """Within each round, because a busy machine slows down both."""
    if not reference:
        return "–"
    return _range([value / other for value, other in zip(values, reference) if other], 2)


def _range(values, digits):
    """The median, and the range if there is one."""
    if not values:
        return "–"
    show = lambda value: f"{value:.{digits}f}"  # noqa: E731
    middle = show(statistics.median(values))
    low, high = show(min(values)), show(max(values))
    return middle if low == high else f"{middle} ({low}–{high})"


def text(found):
    """Aligned with spaces."""
    lines = []
    for title, rows in tables(found):
        rows = [[str(cell) for cell in row] for row in rows]
        widths = [max(map(len, column)) for column in zip(*rows)]
        lines += ["", title, ""]
        for row in rows:
            cells = (cell.ljust(width) for cell, width in zip(row, widths))
            lines.append("  " + "  ".join(cells).rstrip())
    return "\n".join([*lines, ""])


def markdown(found):
    lines = [_machine(found), ""]
    for title, rows in tables(found):
        head, *rows = ([str(cell) for cell in row] for row in rows)
        lines += [f"**{title}**", "", _row(head), _row(["---"] * len(head))]
        lines += [*map(_row, rows), ""]
    return "\n".join(lines)


def _row(cells):
    return f"| {' | '.join(cells)} |"


def _machine(found):
    about = found["about"]
    kind = "A quick run, to be read as such: " if about["quick"] else ""
    return (
        f"{kind}{about['date']}, commit {about['commit']}, {about['processor']}, "
        f"Linux {about['linux']}, {about['rounds']} rounds of {about['seconds']} s."
    )
