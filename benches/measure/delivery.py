"""Delivery: what it costs the server, how long it takes, whether everything arrives."""

import json
import re
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass

import machine
import servers
from machine import FOLDER, LOAD_CORE, Failed
from report import BESIDE

# System calls that write to a socket, and that read from one.
SENDS = {"sendto", "sendmsg", "sendmmsg", "writev"}
RECEIVES = {"recvfrom", "recvmsg", "recvmmsg", "readv"}
# Seconds after which joining is over: AnonChat tells up to four seconds later, and at its own
# pace, how many people are in a room.
SETTLE = 5


@dataclass(frozen=True)
class Scenario:
    """So many connections in so many rooms, and who says how much."""

    name: str
    title: str
    connections: int
    rooms: int
    load: tuple
    rate: int = 0
    batch: bool = False

    def command(self, seconds, slower=1, settle=SETTLE):
        shape = ["--connections", self.connections, "--rooms", self.rooms, *self.load]
        shape += ["--settle", settle]
        rate = ["--rate", self.rate // slower] if self.rate else []
        return [*shape, *rate, "--duration", seconds]


def scenarios(options):
    rate = options.rate
    f1 = ("--senders", 1, "--window")
    f2 = ("--senders", 1000)
    idle = ("--senders", 0)
    return [
        Scenario("f1", "one room of 1000, 1 in flight", 1000, 1, (*f1, 1)),
        Scenario("f1x32", "one room of 1000, 32 in flight", 1000, 1, (*f1, 32), batch=True),
        Scenario("f2", f"1000 rooms of 10, {rate} messages/s", 10_000, 1000, f2, rate, True),
        Scenario("idle", "10,000 idle connections", 10_000, 1000, idle),
    ]


def contestants(scenario, uws, options):
    """The servers of a scenario, the baselines first."""
    limit = [servers.PROGRAMS / "delivery-limit", *(["--batch"] if scenario.batch else [])]
    found = [servers.Baseline("limit", limit)]
    if uws:
        found.append(servers.Baseline("uWebSockets", [servers.UWS]))
    if options.beside:
        found.append(servers.AnonChat(BESIDE, program=options.beside, plain=options.plain))
    return [*found, servers.AnonChat(plain=options.plain)]


def measure(scenario, contestant, seconds):
    """One run; the report of the load."""
    with contestant.running(scenario.connections, scenario.rooms) as (process, told):
        load = [servers.LOAD, *told, *scenario.command(seconds), "--server-pid", process.pid]
        running = machine.start(LOAD_CORE, load, stdout=-1, stderr=-1)
        output, errors = running.communicate()
    if running.returncode != 0:
        raise Failed(errors.strip())
    report = json.loads(output)
    opened = report["connections"]["opened"]
    if opened < scenario.connections:
        failure = report["connections"]["first_failure"]
        raise Failed(f"{contestant.name}: only {opened} connections opened; {failure}")
    return report


def count_calls(scenario, contestant, seconds):
    """System calls a delivery: a run of its own, because counting them slows the server down."""
    with contestant.running(scenario.connections, scenario.rooms) as (process, told):
        # Time for strace to begin once joining is over.
        load = [servers.LOAD, *told, *scenario.command(seconds, slower=10, settle=SETTLE + 2)]
        load += ["--warm-up", 0, "--drain", 10, "--linger", 2]
        running = machine.start(LOAD_CORE, load, stdout=-1, stderr=-1)
        _await_line(running, "connected")
        time.sleep(SETTLE)
        with tempfile.NamedTemporaryFile("r", dir=FOLDER) as summary:
            command = ["strace", "-f", "-c", "-o", summary.name, "-p", str(process.pid)]
            tracer = subprocess.Popen(command, stderr=subprocess.DEVNULL)
            _await_line(running, "drained")
            tracer.send_signal(signal.SIGINT)
            tracer.wait()
            calls = _calls(summary.read())
        output, _ = running.communicate()
    traffic = json.loads(output)["traffic"]
    delivered = traffic["whole_run"]["delivered"]
    if not calls or not delivered:
        raise Failed(f"{contestant.name}: strace saw nothing")
    total = lambda names: sum(calls.get(name, 0) for name in names) / delivered  # noqa: E731
    return {"sends": total(SENDS), "receives": total(RECEIVES), "all": total(calls)}


def _await_line(process, wanted):
    for line in process.stderr:
        if line.strip() == wanted:
            return
        machine.say(line.rstrip())
    raise Failed("the load ended too early")


def _calls(summary):
    """Calls by name, from the table of `strace -c`."""
    lines = (line.split() for line in summary.splitlines())
    rows = (row for row in lines if len(row) >= 5 and re.fullmatch(r"[\d.]+", row[0]))
    return {row[-1]: int(row[3]) for row in rows if row[-1] != "total"}


def run(options, wanted, uws):
    """All rounds; for each scenario and server what was found in each of them."""
    if wanted and not shutil.which("strace"):
        machine.say("strace is missing: system calls are not counted")
    found = {scenario.name: {"title": scenario.title, "servers": {}} for scenario in wanted}
    for number in range(options.rounds):
        for scenario in wanted:
            field = contestants(scenario, uws, options)
            # Whoever comes first in one round comes last in another.
            turn = number % len(field)
            for contestant in field[turn:] + field[:turn]:
                machine.say(f"round {number + 1}: {scenario.name}, {contestant.name}")
                report = measure(scenario, contestant, options.seconds)
                into = found[scenario.name]["servers"].setdefault(contestant.name, {"rounds": []})
                into["rounds"].append(report)
    for scenario in wanted if shutil.which("strace") else []:
        if scenario.name == "idle":
            continue
        for contestant in contestants(scenario, uws, options):
            machine.say(f"system calls: {scenario.name}, {contestant.name}")
            calls = count_calls(scenario, contestant, min(options.seconds, 3))
            found[scenario.name]["servers"][contestant.name]["calls"] = calls
    return found
