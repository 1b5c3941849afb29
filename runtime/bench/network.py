"""Servers, and the load that is put on them: the rows about the network."""

import contextlib
import os
import re
import select
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import peers
from rows import Row
from runs import LIMIT, Peer, Run, how_it_ended, pin, run_of, shown

from course import Trouble

# What counts system calls, and where in the output the number stands.
PERF, STRACE = ["perf", "stat", "-x,", "-e", "raw_syscalls:sys_enter"], ["strace", "-c", "-U", "calls,name"]
TOTAL = re.compile(r"^ *(\d+)(?:,,raw_syscalls| +total$)", re.M)


@dataclass(frozen=True)
class Cores:
    """Where the programs run. Tasks run where servers do."""

    server: int
    client: int  # the same, when there is but one

    def of_client(self, row: Row) -> int:
        return self.server if row.load.same_core else self.client


def measure(peer: Peer, row: Row, ops: int, cores: Cores) -> Run:
    """One run of a row: a server is started, is put under load, and ends."""
    with _server(peer, row, cores) as (process, port):
        return run_of(_load(row, process, port, ops), cores.of_client(row))


def _load(row: Row, process: int, port: int, ops: int) -> list:
    load = row.load
    return [peers.load(), *map(str, [load.mode or load.serve, process, port, load.connections, load.bytes, ops])]


@contextlib.contextmanager
def _server(peer: Peer, row: Row, cores: Cores) -> Iterator[tuple[int, int]]:
    """A server that runs: its process and its port. It ends when its standard input does."""
    command = [peer.program, "serve", row.load.serve]
    with subprocess.Popen(command, preexec_fn=pin(cores.server), text=True,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            said = select.select([process.stdout], [], [], LIMIT)[0]
            port = process.stdout.readline().strip() if said else ""
            if not port.isdecimal() or not _is_served_by(process.pid, int(port)):
                raise Trouble(f"{shown(command)} should print the port where it serves, but printed {port!r}.")
            yield process.pid, int(port)
            process.stdin.close()
            if code := process.wait(LIMIT):
                raise Trouble(how_it_ended(command, code))
        finally:
            process.kill()  # does nothing to one that has ended


def _is_served_by(process: int, port: int) -> bool:
    """Is it this process that answers there, and not one that was left over?"""
    table = "".join(Path(f"/proc/net/{name}").read_text() for name in ("tcp", "udp"))
    sockets = re.findall(rf"^ *\d+: 0100007F:{port:04X} 00000000:0000 .*", table, re.M)
    inodes = {f"socket:[{line.split()[9]}]" for line in sockets}
    return not inodes.isdisjoint(_open_files(process))


def _open_files(process: int) -> Iterator[str]:
    for entry in Path(f"/proc/{process}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # it was closed meanwhile
            yield os.readlink(entry)


# --- System calls


def system_calls(peer: Peer, row: Row, ops: int, cores: Cores) -> float | None:
    """How many the server makes for one round trip. None, if nothing here can count them.

    Of two runs, one is longer. What they differ by is round trips and nothing else.
    """
    if not counter():
        return None
    with _server(peer, row, cores) as (process, port):
        (calls, trips), (more_calls, more_trips) = (
            _count(process, _load(row, process, port, count), cores.of_client(row)) for count in (ops, 2 * ops))
    return (more_calls - calls) / (more_trips - trips)


@cache
def counter() -> str:
    """The program that can count system calls here: perf, or strace, which slows down what it counts."""
    for command in (PERF, STRACE):
        if shutil.which(command[0]):
            done = subprocess.run([*command, "true"], capture_output=True, text=True)
            if done.returncode == 0 and TOTAL.search(done.stderr):
                return command[0]
    return ""


def _count(process: int, command: list, core: int) -> tuple[int, int]:
    """The system calls of a process while a command runs, and the round trips that it made."""
    with tempfile.NamedTemporaryFile("r") as log:
        where = ["-o", log.name, "-p", str(process)]
        if counter() == PERF[0]:
            run = run_of([*PERF, *where, *command], core)
        else:
            with _beside([*STRACE, "-f", *where]):
                run = run_of(command, core)
        return int(TOTAL.search(log.read())[1]), run.more["trips"]


@contextlib.contextmanager
def _beside(command: list) -> Iterator[None]:
    """A program that runs for the duration of a `with`, and begins with a line that says it is ready."""
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        process.stderr.readline()
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=LIMIT)
