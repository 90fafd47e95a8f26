"""The machine: which cores there are, how programs are started on them and ended."""

import os
import resource
import signal
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()
FOLDER = TARGET / "bench"

# The server has one core, whatever asks it has the other.
SERVER_CORE, LOAD_CORE = (sorted(os.sched_getaffinity(0)) + [None])[:2]


class Failed(Exception):
    """Nothing can be measured; says why."""


def prepare():
    """Makes the folder for what is built here, and room for descriptors."""
    if LOAD_CORE is None:
        raise Failed("two cores are needed, one for the server and one for the load")
    FOLDER.mkdir(parents=True, exist_ok=True)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def say(text):
    print(text, file=sys.stderr, flush=True)


def start(core, command, **options):
    """Starts a program on one core."""
    pin = lambda: os.sched_setaffinity(0, {core})  # noqa: E731
    return subprocess.Popen([str(part) for part in command], preexec_fn=pin, text=True, **options)


def stop(process):
    """Asks a program to end, and waits for it."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise Failed(f"{process.args[0]} does not end") from None
    finally:
        for stream in (process.stdout, process.stderr):
            if stream:
                stream.close()


def run(command, **options):
    """Runs a program to its end, which must be a good one."""
    command = [str(part) for part in command]
    ended = subprocess.run(command, check=False, **options)
    if ended.returncode != 0:
        raise Failed(f"{' '.join(command)}: ended with {ended.returncode}")
    return ended


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port, process):
    """Waits until the program listens."""
    while process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
    raise Failed(f"{process.args[0]} ended with {process.returncode}")
