"""Programs that print a line of JSON, and what they said."""

import json
import os
import resource
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "tools"))

from course import Trouble, relative  # noqa: E402

LIMIT = 60  # seconds for one run, which should take well under one


@dataclass(frozen=True)
class Run:
    """What a program said about a row, and how it came by its CPU."""

    value: float  # of one operation
    wall: float = 0  # seconds from its start to its end, where it had a core for itself
    cpu: float = 0  # seconds of these that it ran
    note: str = ""  # what it said on its standard error
    more: dict[str, float] = field(default_factory=dict)  # what else it measured


@dataclass(frozen=True)
class Peer:
    """A program that is there. `PROGRAM list` prints its rows, and `PROGRAM ROW OPS` measures one."""

    name: str
    program: Path
    version: str

    @cached_property
    def rows(self) -> frozenset[str]:
        return frozenset(ask([self.program, "list"])[0])

    def measure(self, row: str, ops: int, core: int) -> Run:
        """One run of a row, pinned to a core."""
        cpu, start = _cpu_of_children(), time.monotonic()
        run = run_of([self.program, row, str(ops)], core)
        return Run(run.value, time.monotonic() - start, _cpu_of_children() - cpu, run.note)


def run_of(command: list, core: int) -> Run:
    """What a program measured."""
    answer, note = ask(command, core)
    value = answer.pop("value", None) if isinstance(answer, dict) else None
    if not isinstance(value, (int, float)) or not 0 < value < float("inf"):
        raise Trouble(f"{shown(command)} should give a value above 0, but gave {value}.")
    return Run(value, note=note, more=answer)


def ask(command: list, core: int | None = None):
    """What a program prints, which is a line of JSON, and what it has to say about it."""
    try:
        done = subprocess.run(command, preexec_fn=pin(core), timeout=LIMIT, text=True,
                              errors="replace", stdin=subprocess.DEVNULL, capture_output=True)
    except subprocess.TimeoutExpired:
        raise Trouble(f"{shown(command)} hangs: it was ended after {LIMIT} seconds.") from None
    except OSError as error:
        raise Trouble(f"{shown(command)} cannot be started: {error.strerror}.") from None
    if done.returncode:
        raise Trouble("\n".join([how_it_ended(command, done.returncode),
                                 *done.stderr.strip().splitlines()[-10:]]))
    try:
        return json.loads(done.stdout), done.stderr.strip()
    except json.JSONDecodeError:
        raise Trouble(f"{shown(command)} should print a line of JSON, but printed {done.stdout!r}.") from None


def pin(core: int | None) -> Callable[[], None] | None:
    """Something that a new process does, so that it runs on that core alone."""
    return None if core is None else lambda: os.sched_setaffinity(0, {core})


def shown(command: list) -> str:
    """The command as somebody would type it."""
    return shlex.join([relative(Path(command[0])), *map(str, command[1:])])


def how_it_ended(command: list, code: int) -> str:
    return f"{shown(command)} " + (f"ended with code {code}." if code > 0
                                   else f"crashed: {signal.strsignal(-code)}.")


def _cpu_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
