"""The program by itself: how large it is, how soon it serves, what it takes while nobody talks."""

import os
import shutil
import socket
import ssl
import tempfile
import time
from pathlib import Path

import machine
import servers
from delivery import SETTLE
from machine import FOLDER, LOAD_CORE

STARTS = 5
CONNECTIONS, ROOMS = 1000, 100
# Seconds after a start until nothing is left to be done.
CALM = 2
UPGRADE = (
    "GET /api/v1/rooms/ws?room={} HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\n"
    "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


def measure(options):
    """Each program in turn, each start on a database that is there."""
    programs = [options.beside, servers.PROGRAM] if options.beside else [servers.PROGRAM]
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        folder = Path(folder)
        with servers.serving(folder) as server:
            whose = list(server.people(CONNECTIONS, ROOMS))
        found = {str(it): {"bytes": it.stat().st_size, "starts": []} for it in programs}
        for number in range(STARTS):
            for program in programs[:: 1 if number % 2 else -1]:
                machine.say(f"start {number + 1}: {program}")
                found[str(program)]["starts"].append(_start(folder, program))
        return {"programs": list(found.values()), "connections": _connections(folder, whose)}


def _start(folder, program):
    with servers.serving(folder, program=program) as server:
        time.sleep(CALM)
        memory = _memory(server.process.pid)
        return {"ready_ms": server.started_in * 1000, **memory}


def _memory(process):
    """What is resident, and what of it is nobody else's and on no disk; bytes."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]
    sizes = {name: int(rest.split()[0]) * 1024 for name, rest in (it.split(":") for it in lines)}
    return {"resident": sizes["Rss"], "anonymous": sizes["Anonymous"]}


def _connections(folder, whose):
    """Bytes that an idle connection takes, in the clear and under TLS. None without openssl."""
    certificate = _certificate(folder)
    if not certificate:
        machine.say("openssl is missing: connections under TLS are not measured")
        return None
    # The load's core asks, as in every other measurement.
    os.sched_setaffinity(0, {LOAD_CORE})
    found = {"plain": [], "TLS": []}
    for number in range(3):
        for kind, settings in ("plain", {}), ("TLS", certificate):
            machine.say(f"idle connections {number + 1}: {kind}")
            found[kind].append(_each(folder, whose, settings))
    return found


def _each(folder, whose, settings):
    with servers.serving(folder, settings=settings) as server:
        time.sleep(CALM)
        before = _memory(server.process.pid)["resident"]
        sockets = [_sit_down(server.port, line.strip(), bool(settings)) for line in whose]
        time.sleep(SETTLE)
        after = _memory(server.process.pid)["resident"]
        for each in sockets:
            each.close()
    return (after - before) / len(sockets)


def _sit_down(port, room, under_tls):
    """An open socket, whose welcome has come."""
    stream = socket.create_connection(("127.0.0.1", port))
    if under_tls:
        trusting = ssl.create_default_context()
        trusting.check_hostname = False
        trusting.verify_mode = ssl.CERT_NONE
        stream = trusting.wrap_socket(stream)
    stream.sendall(UPGRADE.format(room).encode())
    answer = stream.recv(4096)
    if not answer.startswith(b"HTTP/1.1 101 "):
        raise machine.Failed(f"a connection was refused: {answer[:200]!r}")
    return stream


def _certificate(folder):
    if not shutil.which("openssl"):
        return None
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    machine.run([
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
        "-nodes", "-days", "1", "-subj", "/CN=localhost", "-keyout", key, "-out", certificate,
    ], capture_output=True)
    key.chmod(0o600)
    return {
        "ANONCHAT_SERVER__TLS__CERTIFICATE": str(certificate),
        "ANONCHAT_SERVER__TLS__KEY": str(key),
    }
