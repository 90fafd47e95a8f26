"""Measures what AnonChat's delivery and store cost, beside what they could cost at best.

Builds everything, then runs the servers in turn, each pinned to one core and the load to another,
round after round within the same run: neighbours on the machine disturb all alike, and ratios
within a round mean more than the numbers of any. docs/PERFORMANCE.md explains the tables.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import delivery
import footprint
import machine
import report
import servers
import store

PARTS = ["f1", "f1x32", "f2", "idle", "footprint", "taken-in", "history"]
# Only where it is asked for: it needs a PostgreSQL, as scripts/with-postgres starts one.
DATABASES = "databases"
BEGIN, END = "<!-- scripts/bench: begin -->", "<!-- scripts/bench: end -->"


def main():
    options = parse()
    if options.again:
        found = json.loads(options.again.read())
    else:
        found = measure(options)
        results = machine.FOLDER / "results.json"
        results.write_text(json.dumps(found, indent=2))
        machine.say(f"everything that was found: {results}")
    if options.update:
        update(report.markdown(found))
    print(report.markdown(found) if options.markdown else report.text(found))


def parse():
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    add = parser.add_argument
    add("--quick", action="store_true", help="one round, short, and a million messages")
    add("--rounds", type=int, help="how often each server is measured (5)")
    add("--seconds", type=int, help="how long each time (5)")
    add("--rate", type=int, default=3000, help="messages a second in f2 (%(default)s)")
    add("--messages", type=int, help="messages in the database of `history` (10000000)")
    add("--only", action="append", choices=[*PARTS, DATABASES], metavar="PART",
        help=f"only this part, may be repeated: {', '.join(PARTS)}; or {DATABASES}, SQLite beside "
        "PostgreSQL, under scripts/with-postgres with ANONCHAT_TEST_POSTGRES_FSYNC=on")
    add("--beside", type=Path, metavar="PROGRAM",
        help="another build of AnonChat, measured in turn with this one")
    add("--plain", action="store_true", help="clients without the subprotocol anonchat.v1")
    add("--markdown", action="store_true", help="print the tables as Markdown")
    add("--update", action="store_true", help="put the tables into docs/PERFORMANCE.md, too")
    add("--again", type=argparse.FileType(), metavar="JSON",
        help="measure nothing, print what an earlier run found")
    options = parser.parse_args()
    quick = options.quick
    options.rounds = options.rounds or (1 if quick else 5)
    options.seconds = options.seconds or (2 if quick else 5)
    options.messages = options.messages or (1_000_000 if quick else 10_000_000)
    return options


def measure(options):
    machine.prepare()
    wanted = options.only or PARTS
    servers.build(["--features", "postgres"] if DATABASES in wanted else [])
    scenarios = [it for it in delivery.scenarios(options) if it.name in wanted]
    in_the_way = servers.build_uws() if scenarios else None
    if in_the_way:
        machine.say(f"uWebSockets is left out: {in_the_way}")
    return {
        "about": about(options),
        "delivery": delivery.run(options, scenarios, uws=not in_the_way),
        "footprint": footprint.measure(options) if "footprint" in wanted else None,
        "taken_in": store.taken_in(options) if "taken-in" in wanted else [],
        "history": store.history(options) if "history" in wanted else None,
        DATABASES: store.databases(options) if DATABASES in wanted else [],
    }


def about(options):
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=machine.ROOT, capture_output=True, text=True, check=False,
    )
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return {
        "date": date.today().isoformat(),
        "commit": commit.stdout.strip() or "unknown",
        "processor": f"{models[0] if models else 'unknown processor'}, {os.cpu_count()} cores",
        "linux": os.uname().release,
        "rounds": options.rounds,
        "seconds": options.seconds,
        "quick": options.quick,
    }


def update(tables):
    """Puts the tables between the marks of the document."""
    path = machine.ROOT / "docs" / "PERFORMANCE.md"
    before, rest = path.read_text().split(BEGIN)
    _, after = rest.split(END)
    path.write_text(f"{before}{BEGIN}\n{tables}\n{END}{after}")


if __name__ == "__main__":
    began = time.monotonic()
    try:
        main()
    except machine.Failed as failed:
        sys.exit(f"scripts/bench: {failed}")
    except KeyboardInterrupt:
        sys.exit(130)
    machine.say(f"took {time.monotonic() - began:.0f} s")
