#!/usr/bin/env python3
"""Two people who talk, for the tests of packages. Fails with a sentence when something is not as promised.

Usage: chat.py talk | read | hold    with SERVER (http://…) and STATE (a file) in the environment

talk makes two accounts and a room, and has them talk over WebSockets; STATE remembers it.
read finds every word of theirs again.
hold says one thing after another until the file STATE.end is there, each with one request and no
second try, and then finds every one of them, once and in order.
"""

import json
import os
import pathlib
import sys
import urllib.request

import websocket

SERVER = os.environ["SERVER"]
STATE = pathlib.Path(os.environ["STATE"])
WORDS = 5


def call(method, route, body=None, token=None):
    """The data of an answer; an error ends the program."""
    request = urllib.request.Request(f"{SERVER}/api/v1{route}", method=method)
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)["data"]


def person(login):
    """A new account's access token."""
    body = {"login": login, "email": f"{login}@example.org", "password": f"seven lamps {os.urandom(4).hex()}"}
    return call("POST", "/auth/register", body)["access_token"]


def sit_down(room, token):
    """A socket in the room, and the handle of who sits there."""
    address = SERVER.replace("http", "ws", 1)
    socket = websocket.create_connection(
        f"{address}/api/v1/rooms/ws?room={room}&since=0",
        header=[f"Authorization: Bearer {token}"],
        subprotocols=["anonchat.v1"],
        timeout=60,
    )
    return socket, json.loads(socket.recv())["you"]["client_name"]


def hear(socket, count):
    """The next messages, and everything that came on the way as it stood on the wire."""
    messages, wire = [], ""
    while len(messages) < count:
        text = socket.recv()
        wire += text
        frame = json.loads(text)
        if frame["type"] == "error":
            sys.exit(f"refused: {text}")
        if frame["type"] == "message":
            messages.append((frame["seq"], frame["client_name"], frame["message"]))
    return messages, wire


def history(state):
    """All messages of the room."""
    messages, after = [], 0
    while True:
        route = f"/rooms/{state['room']}/messages?after={after}&limit=200"
        page = call("GET", route, token=state["token"])
        messages += [(m["seq"], m["client_name"], m["message"]) for m in page["messages"]]
        if not page["has_more"]:
            return messages
        after = messages[-1][0]


def expect(what, got, wanted):
    if got != wanted:
        sys.exit(f"{what}: {got!r} in place of {wanted!r}")


def talk():
    logins = [f"ann-{os.urandom(4).hex()}", f"bob-{os.urandom(4).hex()}"]
    tokens = [person(login) for login in logins]
    room = call("POST", "/rooms/create", {"name": "Kitchen table", "max_user": 10}, tokens[0])["room_id"]
    seats = [sit_down(room, token) for token in tokens]
    for number in range(WORDS):
        for socket, handle in seats:
            said = {"type": "send", "id": f"{number}", "message": f"{number} from {handle}"}
            socket.send(json.dumps(said))
    heard, wires = zip(*(hear(socket, 2 * WORDS) for socket, _ in seats))
    expect("what both heard", heard[0], heard[1])
    expect("their order", [seq for seq, _, _ in heard[0]], list(range(1, 2 * WORDS + 1)))
    for _, handle in seats:
        said = [text for _, name, text in heard[0] if name == handle]
        expect("the words of one", said, [f"{number} from {handle}" for number in range(WORDS)])
    for login in logins:
        expect("logins on the wire", login in wires[0] + wires[1], False)
    STATE.write_text(json.dumps({"room": room, "token": tokens[0], "heard": heard[0]}))


def read():
    state = json.loads(STATE.read_text())
    expect("what is remembered", [list(message) for message in history(state)], state["heard"])


def hold():
    state = json.loads(STATE.read_text())
    end, said = STATE.with_suffix(".end"), []
    before = len(history(state))
    while not end.exists():
        text = f"held {len(said)}"
        call("POST", f"/rooms/{state['room']}/messages", {"id": text, "message": text}, state["token"])
        said.append(text)
    expect("what is held", [text for _, _, text in history(state)[before:]], said)
    print(f"{len(said)} requests, none refused, none lost")


if __name__ == "__main__":
    {"talk": talk, "read": read, "hold": hold}[sys.argv[1]]()
