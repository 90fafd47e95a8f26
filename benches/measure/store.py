"""The store: how much it takes in durably, and whether it stays fast as it fills."""

import http.client
import json
import os
import sqlite3
import tempfile
import time
from pathlib import Path

import machine
import servers
from delivery import Scenario, measure
from machine import FOLDER, LOAD_CORE

ROOMS = 1000
# Rooms on the list of the person who asks; the others are somebody else's.
MINE = 20
MESSAGES_AT_ONCE = 100_000
TEXT = "x" * 100
REQUESTS = 2000
STARTS = 5

# In the order in which they would have come: all rooms talk at the same time.
FILL = """
    WITH RECURSIVE
        place (seq) AS (SELECT :first UNION ALL SELECT seq + 1 FROM place WHERE seq < :last)
    INSERT INTO events (room_id, seq, at_ms, kind, author, command_id, body)
    SELECT room_id, seq, :at_ms + seq * 1000, 0, client_id, printf('%08x', seq), :body
    FROM host CROSS JOIN place
"""


def taken_in(options):
    """Messages a second that are on the disk and delivered, by rooms that talk at once."""
    found = []
    for rooms in (1, 8, 64):
        for window in (1, 32):
            load = ("--senders", rooms, "--window", window)
            scenario = Scenario("store", "", rooms, rooms, load)
            machine.say(f"store: {rooms} rooms, {window} in flight in each")
            rounds = [
                measure(scenario, servers.AnonChat(), options.seconds)["traffic"]
                for _ in range(options.rounds)
            ]
            rates = [traffic["messages_per_second"] for traffic in rounds]
            found.append({"rooms": rooms, "window": window, "messages_per_second": rates})
    return found


def databases(options):
    """The same load on SQLite and on PostgreSQL, in turn."""
    contestants = [
        servers.AnonChat("SQLite"),
        servers.AnonChat("PostgreSQL", database=servers.fresh_postgres),
    ]
    found = []
    for rooms in (1, 8, 64):
        for window in (1, 32):
            load = ("--senders", rooms, "--window", window)
            scenario = Scenario("store", "", rooms, rooms, load)
            row = {"rooms": rooms, "window": window}
            for number in range(options.rounds):
                for contestant in contestants[:: 1 if number % 2 else -1]:
                    machine.say(f"{contestant.name}: {rooms} rooms, {window} in flight in each")
                    traffic = measure(scenario, contestant, options.seconds)["traffic"]
                    row.setdefault(contestant.name, []).append({
                        "messages/s": traffic["messages_per_second"],
                        "p50, ms": traffic["latency_us"]["p50"] / 1000,
                        "p99, ms": traffic["latency_us"]["p99"] / 1000,
                        "lost": traffic["whole_run"]["lost"],
                    })
            found.append(row)
    return found


def history(options):
    """How long it takes to start and to answer on a database that is full."""
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        folder = Path(folder)
        token, rooms = _prepare(folder)
        size = _fill(folder / "data" / "anonchat.db", options.messages)
        starts = []
        for _ in range(STARTS):
            with servers.serving(folder) as server:
                starts.append(server.started_in * 1000)
        with servers.serving(folder) as server:
            # The load's core asks, as in every other measurement.
            os.sched_setaffinity(0, {LOAD_CORE})
            pages = [f"/rooms/{room}/messages?limit=50" for room in rooms]
            return {
                "messages": options.messages,
                "rooms": ROOMS,
                "bytes": size,
                "start_ms": starts,
                "last_page": _ask(server, token, pages),
                "my_rooms": _ask(server, token, ["/rooms"]),
                "public_rooms": _ask(server, token, ["/rooms?scope=public"]),
            }


def _prepare(folder):
    """Makes the database, and returns somebody's token and the ids of all rooms."""
    with servers.serving(folder) as server:
        me, other = server.register("reader"), server.register("other")
        tokens = [me] * MINE + [other] * (ROOMS - MINE)
        settings = {"visibility": "public"}
        rooms = [server.create_room(n, token, **settings) for n, token in enumerate(tokens)]
        return me, rooms


def _fill(path, messages):
    machine.say(f"store: writing {messages} messages")
    each = messages // ROOMS
    at_once = max(1, MESSAGES_AT_ONCE // ROOMS)
    at_ms = int(time.time() * 1000) - each * 1000
    with sqlite3.connect(path, isolation_level=None) as database:
        # It may be lost: whoever pulls the plug starts again.
        database.executescript(
            "PRAGMA synchronous = OFF; PRAGMA cache_size = -200000;"
            "CREATE TEMP TABLE host AS SELECT room_id, client_id FROM aliases;"
        )
        for first in range(1, each + 1, at_once):
            last = min(first + at_once - 1, each)
            place = {"first": first, "last": last, "at_ms": at_ms, "body": TEXT}
            database.execute(FILL, place)
        database.execute("UPDATE rooms SET head = ?", [each])
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path.stat().st_size


def _ask(server, token, paths):
    """Asks in turn over one connection; milliseconds to the last byte."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    headers = {"authorization": f"Bearer {token}"}
    times = []
    for number in range(REQUESTS):
        # In an order that no cache knows in advance.
        path = paths[number * 48271 % len(paths)]
        began = time.perf_counter()
        connection.request("GET", f"/api/v1{path}", headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        times.append((time.perf_counter() - began) * 1000)
        assert answer.status == 200, body
    connection.close()
    times.sort()
    found = next(iter(json.loads(body)["data"].values()))
    return {
        "p50_ms": times[len(times) // 2],
        "p99_ms": times[len(times) * 99 // 100],
        "items": len(found),
        "bytes": len(body),
    }
