"""The servers that are measured: how each is built, started and spoken to."""

import json
import os
import shutil
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import machine
from machine import FOLDER, ROOT, TARGET, Failed

CRATE = ROOT / "benches" / "delivery"
PROGRAMS = FOLDER / "release"
PROGRAM = TARGET / "release" / "anonchat"
LOAD = PROGRAMS / "delivery-load"
UWS = FOLDER / "uws"
SOCKETIFY = "socketify==0.0.31"

# As an operator could set it: nothing is limited that the load needs, everything else is as ever.
UNLIMITED = {
    "ANONCHAT_SERVER__RATE_LIMITS__MODE": "off",
    "ANONCHAT_SERVER__LIMITS__CONNECTIONS": "20000",
    "ANONCHAT_SERVER__LIMITS__CONNECTIONS_PER_ADDRESS": "20000",
    "ANONCHAT_SERVER__LIMITS__SOCKETS_PER_ACCOUNT": "1000",
    "ANONCHAT_SERVER__LIMITS__SOCKETS_PER_ROOM": "1000",
    "ANONCHAT_AUTH__ACCESS_TOKEN_TTL": "1h",
    "ANONCHAT_ROOMS__PER_ACCOUNT": "10000",
    "ANONCHAT_STORAGE__DURABILITY": "full",
}

PASSWORD = "a password for the bench"


def build(features):
    """Builds AnonChat and the programs that measure it."""
    machine.say("building")
    machine.run(["cargo", "build", "--release", "--locked", *features], cwd=ROOT)
    environment = {**os.environ, "CARGO_TARGET_DIR": str(FOLDER)}
    machine.run(["cargo", "build", "--release", "--locked"], cwd=CRATE, env=environment)


def build_uws():
    """Builds the uWebSockets baseline. Returns what is in the way, or None."""
    try:
        return _build_uws()
    except Failed as failed:
        return str(failed)


def _build_uws():
    if shutil.which("cc") is None:
        return "there is no C compiler (cc)"
    venv = FOLDER / "venv"
    if not list(venv.glob("lib/python3*/site-packages/socketify")):
        machine.run([sys.executable, "-m", "venv", "--clear", venv])
        machine.run([venv / "bin" / "pip", "install", "--quiet", "--no-deps", SOCKETIFY])
    library = next(venv.glob("lib/python3*/site-packages/socketify/libsocketify_linux_amd64.so"))
    if os.uname().machine != "x86_64":
        return "socketify carries it for x86_64 only"
    command = ["cc", "-O2", "-o", UWS, CRATE / "uws.c", library, "-l:libuv.so.1"]
    try:
        machine.run([*command, f"-Wl,-rpath,{library.parent}"])
    except Failed:
        return "it does not link; libuv.so.1 must be installed (Debian: libuv1)"
    return None


class Baseline:
    """A server without accounts: whoever names a room is in it."""

    payload = "{mark}{pad}"

    def __init__(self, name, command):
        self.name = name
        self.command = command

    @contextmanager
    def running(self, _connections, _rooms):
        """Yields the process and what the load is told."""
        port = machine.free_port()
        process = machine.start(machine.SERVER_CORE, [*self.command, port])
        try:
            machine.wait_for(port, process)
            yield process, ["--url", f"ws://127.0.0.1:{port}/?room={{room}}"]
        finally:
            machine.stop(process)


class AnonChat:
    """The server itself, with a fresh database and people who are logged in."""

    def __init__(self, name="AnonChat", program=PROGRAM, plain=False, database=lambda: ""):
        self.name = name
        self.program = program
        self.plain = plain
        self.database = database

    @contextmanager
    def running(self, connections, rooms):
        """Yields the process and what the load is told."""
        with (
            tempfile.TemporaryDirectory(dir=FOLDER) as folder,
            serving(Path(folder), self.database(), self.program) as server,
        ):
            tokens = Path(folder) / "tokens"
            tokens.write_text("".join(server.people(connections, rooms)))
            yield server.process, [
                "--url",
                f"ws://127.0.0.1:{server.port}/api/v1/rooms/ws?room={{token}}",
                "--tokens",
                tokens,
                *self._frames(),
            ]

    def _frames(self):
        if self.plain:
            return []
        send = '{"type":"send","id":"{i}-{seq}","message":"{mark}{pad}"}'
        return ["--subprotocol", "anonchat.v1", "--payload", send]


class Serving:
    """A running AnonChat, and how to ask it something."""

    # Each of them is in many rooms, none of them in one room a thousand times.
    ACCOUNTS = 10

    def __init__(self, process, port, started_in):
        self.process = process
        self.port = port
        self.started_in = started_in

    def ask(self, method, path, body=None, token=None):
        """The data of the answer."""
        headers = {"content-type": "application/json"}
        if token:
            headers["authorization"] = f"Bearer {token}"
        url = f"http://127.0.0.1:{self.port}/api/v1{path}"
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(url, data, headers, method=method)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)["data"]

    def register(self, login):
        """Makes an account, and returns its access token."""
        account = {"login": login, "email": f"{login}@example.org", "password": PASSWORD}
        return self.ask("POST", "/auth/register", account)["access_token"]

    def create_room(self, number, token, **settings):
        """Makes a room, and returns its id."""
        room = {"name": f"room {number}", "max_user": 1000, **settings}
        return self.ask("POST", "/rooms/create", room, token)["room_id"]

    def people(self, connections, rooms):
        """The end of the URL of each connection. Connection i is in room i % rooms."""
        tokens = [self.register(f"person{number}") for number in range(self.ACCOUNTS)]
        ids = [self.create_room(number, tokens[0]) for number in range(rooms)]
        for number in range(connections):
            token = tokens[number // rooms % len(tokens)]
            yield f"{ids[number % rooms]}&token={token}\n"


def fresh_postgres():
    """The URL of an empty schema on the server that scripts/with-postgres started."""
    server = os.environ.get("ANONCHAT_TEST_POSTGRES_URL")
    if not server:
        raise Failed("run this under scripts/with-postgres")
    schema = f"bench_{time.monotonic_ns()}"
    machine.run(["psql", "--quiet", "--command", f"CREATE SCHEMA {schema}", server])
    return f"{server}?options=-csearch_path%3D{schema}"


@contextmanager
def serving(folder, database="", program=PROGRAM, settings=None):
    """AnonChat on the data in a folder, or in a PostgreSQL database."""
    command = [program, "--addr", "127.0.0.1:0", "--data-dir", folder / "data"]
    command += ["--log-level", "error"]
    environment = {**os.environ, **UNLIMITED, "ANONCHAT_STORAGE__URL": database, **(settings or {})}
    environment = {name: it for name, it in environment.items() if "_TEST_POSTGRES_" not in name}
    began = time.monotonic()
    process = machine.start(machine.SERVER_CORE, command, env=environment, stderr=-1)
    try:
        port = _port(process)
        yield Serving(process, port, time.monotonic() - began)
    finally:
        machine.stop(process)


def _port(process):
    for line in process.stderr:
        if "listens on" in line:
            return int(line.strip().rsplit(":", 1)[1])
        machine.say(line.rstrip())
    raise Failed("AnonChat does not start")
