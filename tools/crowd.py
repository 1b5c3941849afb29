"""Do servers stand a crowd: clients that mean no good, and ten thousand at a time?

The programs of solutions are started as in clients.py. Beside one client that behaves well there is
one that floods, one that never reads, one that sends a byte now and then, and one that resets, again
and again. The good one has its answers in good time, the server does not need more and more memory,
and it ends on Ctrl-C while all of them are still there.
"""

import contextlib
import re
import resource
import select
import socket
import struct
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from clients import Server, started
from course import Build, Trouble, status
from rules import Finding

SECONDS = 3  # that the good client talks
MORE = 32  # MiB that a server may need for all of them
CROWD = 10_000
PATIENCE = 20  # seconds, in which something has to come
OTHERS = 100  # descriptors that are open besides
SANITIZER = "quarantine_size_mb=1"  # else it keeps 256 MiB of what was freed


@dataclass(frozen=True)
class Talk:
    """What a client says, and what is heard then. %d is the number of what is said."""

    exercise: str
    says: str
    hears: str
    others_hear: bool = False  # a chat: it is heard by the others
    patience: float = 2  # seconds
    behind: str = ""

    def said(self, number: int) -> bytes:
        return self.says.replace("%d", f"{number:06}").encode()

    def heard(self, number: int) -> bytes:
        return self.hears.replace("%d", f"{number:06}").encode()


LINE = f"line %d {'.' * 80}\n"
LONG = f"line %d {'.' * 8000}\n"
POST = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\n%d"
TALKS = [
    Talk("05-6", POST, "\r\n\r\n%d"),
    Talk("06-1", LONG, LONG),
    Talk("06-2", LINE, LINE, others_hear=True, patience=4),  # once, everybody waits for a second
    Talk("06-3", LINE, LINE, others_hear=True),
    Talk("06-4", "get %d\n", "nothing\n"),
    Talk("06-5", POST, "\r\n\r\n%d", behind="05-6"),
]


MANY = [Talk("06-1", LINE, LINE), Talk("06-3", LINE, LINE, others_hear=True)]


def findings(build: Build, fast: Build) -> Iterator[Finding]:
    """How each server stood it. `fast` is without sanitizers: who comes into a chat is announced to
    all who are there, and so ten thousand are fifty million lines."""
    needed = {exercise for talk in TALKS for exercise in (talk.exercise, talk.behind) if exercise}
    build.build(*{f"{exercise}.solution.run" for exercise in needed})
    for talk in TALKS:
        status(f"A crowd for {talk.exercise}")
        programs = [build.program(f"{exercise}.solution.run") for exercise in (talk.exercise, talk.behind) if exercise]
        yield f"{talk.exercise} and clients that mean no good", fault(programs, lambda server: hostile(talk, server))
    if why := room():
        print(f"Left out: {why}")
        return
    fast.build(*{f"{talk.exercise}.solution.run" for talk in MANY})
    for talk in MANY:
        status(f"{CROWD} clients for {talk.exercise}")
        yield f"{talk.exercise} and {CROWD} clients", fault(
            [fast.program(f"{talk.exercise}.solution.run")], lambda server: many(talk, server))
    status()


def fault(programs: list[Path], test: Callable[[Server], str]) -> str:
    """What is wrong with the first of the programs, in front of the second, by a test of it."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as running:
        upstream = []
        for program in reversed(programs):
            log = Path(folder, program.name)
            server = running.enter_context(started([program, "0", *upstream], log, SANITIZER))
            upstream = [f"{server.host}:{server.port}"]
        try:
            said = test(server)
        except (Trouble, OSError, subprocess.TimeoutExpired) as trouble:
            said = str(trouble) or repr(trouble)
        return f"{said}\nThe server says:\n{log.read_text(encoding='utf-8', errors='replace')}" if said else ""


# --- Clients that mean no good


def hostile(talk: Talk, server: Server) -> str:
    stop = threading.Event()
    with good_client(talk, server) as ask:
        ask()
    before = memory(server)
    threads = [threading.Thread(target=client, args=(talk, server, stop), daemon=True)
               for client in (floods, never_reads, sends_bytes, resets)]
    for thread in threads:
        thread.start()
    try:
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            with good_client(talk, server) as ask:  # who comes later is no worse off
                for _ in range(10):
                    ask()
        more = memory(server) - before
        return f"It needs {more} MiB more than without them." * (more > MORE) + server.ended()
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def connected(server: Server, patience: float = 0.2) -> socket.socket:
    return socket.create_connection((server.host, int(server.port)), timeout=patience)


@contextlib.contextmanager
def good_client(talk: Talk, server: Server) -> Iterator[Callable[[], None]]:
    """Somebody who says something, and waits until that is heard."""
    with connected(server, talk.patience) as speaker, contextlib.ExitStack() as closing:
        listener = closing.enter_context(connected(server, talk.patience)) if talk.others_hear else speaker
        number = 0

        def ask() -> None:
            nonlocal number
            number += 1
            expected, heard = talk.heard(number), b""
            deadline = time.monotonic() + talk.patience
            speaker.sendall(talk.said(number))
            while expected not in heard:
                if time.monotonic() > deadline:
                    raise Trouble(f"Nothing was heard of {talk.said(number)!r} for {talk.patience} s. "
                                  f"There was: {heard[-300:]!r}")
                for ready in select.select({speaker, listener}, [], [], 0.05)[0]:
                    if not (part := ready.recv(1 << 16)):
                        raise Trouble("The server has hung up on a client that behaves well.")
                    if ready is listener:
                        heard = heard[-len(expected):] + part

        if talk.others_hear:
            while b"welcome" not in listener.recv(1 << 16):
                pass
        yield ask


def floods(talk: Talk, server: Server, stop: threading.Event) -> None:
    """Sends as much as it can, and reads all that comes."""
    many = b"".join(talk.said(500_000 + number) for number in range(500))
    while not stop.is_set():
        with contextlib.suppress(OSError), connected(server) as stream:
            left = many
            while not stop.is_set():
                readable, writable, _ = select.select([stream], [stream], [], 0.1)
                if readable and not stream.recv(1 << 20):
                    break
                if writable:
                    left = left[stream.send(left):] or many


def never_reads(talk: Talk, server: Server, stop: threading.Event) -> None:
    """Sends as much as it can, reads nothing, and stays."""
    many = b"".join(talk.said(600_000 + number) for number in range(500))
    with contextlib.suppress(OSError), connected(server) as stream:
        left = many
        while not stop.is_set():
            if select.select([], [stream], [], 0.1)[1]:
                left = left[stream.send(left):] or many
    stop.wait()


def sends_bytes(talk: Talk, server: Server, stop: threading.Event) -> None:
    """Sends a byte now and then."""
    with contextlib.suppress(OSError), connected(server) as stream:
        for byte in talk.said(700_000):
            if stop.wait(0.5):
                break
            stream.sendall(bytes([byte]))


def resets(talk: Talk, server: Server, stop: threading.Event) -> None:
    """Says half of something, and throws the connection away, again and again."""
    said = talk.said(800_000)
    while not stop.wait(0.02):
        with contextlib.suppress(OSError), connected(server) as stream:
            stream.sendall(said[:len(said) // 2])
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def memory(server: Server) -> int:
    """How many MiB it has. proc(5), status."""
    text = Path(f"/proc/{server.process.pid}/status").read_text(encoding="utf-8")
    return int(re.search(r"^VmRSS:\s+(\d+) kB$", text, re.M)[1]) // 1024


# --- Many at a time


class Crowd:
    """Many connections, and how many lines each has heard. All that comes is read at once."""

    def __init__(self, server: Server) -> None:
        self.server, self.epoll = server, select.epoll()
        self.streams: dict[int, socket.socket] = {}
        self.lines: dict[int, int] = {}

    def join(self) -> None:
        stream = connected(self.server, PATIENCE)
        self.streams[stream.fileno()], self.lines[stream.fileno()] = stream, 0
        self.epoll.register(stream, select.EPOLLIN)

    def hear(self, wait: float = 0) -> bool:
        """Reads what is there, or will be soon. Was there anything?"""
        ready = self.epoll.poll(wait)
        for number, _ in ready:
            if not (part := self.streams[number].recv(1 << 18)):
                raise Trouble("The server has hung up on one of the crowd.")
            self.lines[number] += part.count(b"\n")
        return bool(ready)

    def hear_all(self, expected: list[int]) -> None:
        """Reads until each has heard so many lines."""
        while any(heard < most for heard, most in zip(self.lines.values(), expected)):
            if not self.hear(PATIENCE):
                raise Trouble(f"Nothing has come for {PATIENCE} s, and {sum(expected) - sum(self.lines.values())} "
                              "lines are missing.")
        if [*self.lines.values()] != expected:
            raise Trouble("Some have heard more lines than were said.")

    def close(self) -> None:
        for stream in self.streams.values():
            stream.close()
        self.epoll.close()


def many(talk: Talk, server: Server) -> str:
    """A crowd comes in, and somebody, or everybody, says a line. Each hears all that is for them."""
    crowd = Crowd(server)
    with contextlib.closing(crowd):
        for number in range(CROWD):
            crowd.join()
            if number % 32 == 0:
                crowd.hear()
        speakers = [*crowd.streams.values()][:1 if talk.others_hear else CROWD]
        if talk.others_hear:  # a welcome, and all who have joined since
            expected = [CROWD - number for number in range(CROWD)]
            crowd.hear_all(expected)
        else:
            expected = [0] * CROWD
        for speaker in speakers:
            speaker.sendall(talk.said(1))
        crowd.hear_all([heard + (not talk.others_hear or number > 0) for number, heard in enumerate(expected)])
        return server.ended()


def room() -> str:
    """Makes room for a crowd's descriptors, here and in all programs that are started from here. Why
    there is none, if there is not."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < CROWD + OTHERS:
        return f"{CROWD} connections at a time. A program may have {hard} descriptors here: see ulimit -Hn."
    if soft != resource.RLIM_INFINITY and soft < CROWD + OTHERS:
        resource.setrlimit(resource.RLIMIT_NOFILE, (CROWD + OTHERS, hard))
    return ""
