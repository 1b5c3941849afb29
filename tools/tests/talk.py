#!/usr/bin/env python3
"""Tests of `make talk`: plays the server, and whoever types. Prints a line for each test, and at the end
`N passed, N failed`.
"""

import contextlib
import os
import pty
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

from pretend import ROOT, main, test, typed

HERE = ROOT / "build/talk"
TALK = ROOT / "tools/talk.py"
LIMIT = 20  # seconds


class Server:
    """Listens, and does what a test says."""

    def __init__(self):
        self.door = socket.create_server(("127.0.0.1", 0))
        self.door.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 12)  # what is sent, is sent bit by bit
        self.door.settimeout(LIMIT)
        self.address = f"127.0.0.1:{self.door.getsockname()[1]}"

    def guest(self) -> socket.socket:
        guest, _ = self.door.accept()
        guest.settimeout(LIMIT)
        return guest


@contextlib.contextmanager
def talking(server: Server, **how) -> Iterator[tuple[subprocess.Popen, socket.socket]]:
    """Somebody who talks with the server, and what the server has of them."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | how
    env = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with subprocess.Popen([TALK, server.address], env=env, **pipes) as talk:
        try:
            with server.guest() as guest:
                yield talk, guest
        finally:
            talk.kill()


@contextlib.contextmanager
def at_a_terminal(server: Server) -> Iterator[tuple["Terminal", subprocess.Popen, socket.socket]]:
    ours, theirs = pty.openpty()
    terminal = Terminal(ours)
    with talking(server, stdin=theirs, stdout=theirs, stderr=theirs) as (talk, guest):
        os.close(theirs)
        terminal.shows(f"You talk with {server.address}. Ctrl-D when you have said all.")
        yield terminal, talk, guest
    os.close(ours)


class Terminal:
    def __init__(self, number: int):
        self.number, self.shown = number, ""

    def types(self, keys: str) -> None:
        os.write(self.number, keys.encode())

    def shows(self, text: str) -> None:
        """Waits until it does."""
        while text not in self.shown:
            try:
                more = os.read(self.number, 1000)
            except OSError:
                more = b""  # the program has ended
            assert more, f"should show {text!r}, but shows {self.shown!r}"
            self.shown += more.decode()


def heard(guest: socket.socket) -> bytes:
    """All that it says, to the end."""
    return b"".join(iter(lambda: guest.recv(1 << 16), b""))


def ends(talk: subprocess.Popen, code: int, says: bytes = b"", complains: bytes = b"") -> None:
    out, err = talk.communicate(timeout=LIMIT)
    assert (out, err, talk.returncode) == (says, complains, code), (out, err, talk.returncode)


def same(is_: object, should_be: object) -> None:
    assert is_ == should_be, f"should be {should_be!r}, but is {is_!r}"


@test("in a pipe, all is sent, and then the end; what comes after that is still printed")
def _():
    with talking(Server()) as (talk, guest):
        talk.stdin.write(b"one\ntwo")
        talk.stdin.close()
        talk.stdin = None
        same(heard(guest), b"one\ntwo")
        guest.sendall(b"good night\n")
        guest.close()
        ends(talk, 0, b"good night\n")


@test("a large file goes there and comes back, whatever stands in the way")
def _():
    data = os.urandom(3 << 20)
    (HERE / "sent").parent.mkdir(parents=True, exist_ok=True)
    (HERE / "sent").write_bytes(data)
    with open(HERE / "sent", "rb") as file, open(HERE / "back", "wb") as back:
        with talking(Server(), stdin=file, stdout=back) as (talk, guest):
            while piece := guest.recv(1 << 16):
                guest.sendall(piece)
            guest.close()
            ends(talk, 0, None)
    same((HERE / "back").read_bytes() == data, True)


@test("it ends when the other side does, though there could be more to say")
def _():
    with talking(Server()) as (talk, guest):
        guest.sendall(b"closed\n")
        guest.close()
        same(talk.stdout.read(), b"closed\n")
        same(talk.wait(LIMIT), 0)


@test("it says so when the connection was thrown away")
def _():
    with talking(Server()) as (talk, guest):
        guest.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        guest.close()
        same(talk.stderr.read(), b"The other side has thrown the connection away.\n")
        same(talk.wait(LIMIT), 1)


@test("on a terminal, what others say comes while one types, and nothing typed is lost")
def _():
    with at_a_terminal(Server()) as (terminal, talk, guest):
        guest.sendall(b"somebody: hello\n")
        terminal.shows("somebody: hello\r\n")
        terminal.types("good eve")
        terminal.shows("good eve")
        guest.sendall(b"somebody: are you there?\n")
        terminal.shows("somebody: are you there?\r\n")
        terminal.types("ning\n")
        same(guest.recv(100), b"good evening\n")


@test("on a terminal, Ctrl-D says that this was all; it ends when the other side does")
def _():
    with at_a_terminal(Server()) as (terminal, talk, guest):
        terminal.types("that was all\n\x04")
        same(heard(guest), b"that was all\n")
        guest.sendall(b"thank you\n")
        terminal.shows("thank you\r\n")
        guest.close()
        terminal.shows("The other side has ended.")
        same(talk.wait(LIMIT), 0)


@test("Ctrl-C ends it in silence")
def _():
    with talking(Server()) as (talk, guest):
        guest.sendall(b"hello\n")
        same(talk.stdout.readline(), b"hello\n")  # so it is in the middle of it
        talk.send_signal(signal.SIGINT)
        same(talk.wait(LIMIT), 130)
        same(talk.stderr.read(), b"")


@test("it ends in silence when nobody reads what it prints")
def _():
    with talking(Server()) as (talk, guest):
        talk.stdout.close()
        guest.sendall(b"hello\n")
        same(talk.wait(LIMIT), -signal.SIGPIPE)
        same(talk.stderr.read(), b"")


@test("what is no address is refused, with an example")
def _():
    make = lambda *words, says: typed("make", "talk", *words, by=dict(os.environ), code=2, says=says)
    make(says=r"Talk with whom\? For example: make talk A=127\.0\.0\.1:7001\n")
    make("A=7001", says=r"7001 is a port, and of which machine\? Of this one: make talk A=127\.0\.0\.1:7001\n")
    for wrong in ("localhost", "127.0.0.1:", "127.0.0.1:70000", "127.0.0.1:0", "::1:7001", "http://a:80", ":7001"):
        make(f"A={wrong}", says=r" is no address: write a host and a port, like 127\.0\.0\.1:7001, ")


@test("where nobody listens, it says so; and who is not to be found")
def _():
    say = lambda address, says: typed(TALK, address, by=dict(os.environ), code=1, says=says)
    with socket.create_server(("127.0.0.1", 0)) as door:
        nobody = f"127.0.0.1:{door.getsockname()[1]}"
    say(nobody, rf"\ANobody listens at {nobody}\. Is the server running\? It needs a terminal of its own\.\n\Z")
    say("no.such.host.invalid:80", r"\ANobody knows where no\.such\.host\.invalid:80 is: .+\.\n\Z")
    say("a..b:80", r"\ANobody knows where a\.\.b:80 is: .+\.\n\Z")


if __name__ == "__main__":
    sys.exit(main(HERE))
