"""The programs that are compared: how they are built, and how one of them measures a row."""

import json
import os
import re
import resource
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "tools"))

from course import BUILD, ROOT, Build, BuildFailed, Trouble, busy, relative  # noqa: E402

LIMIT = 60  # seconds for one run, which should take well under one
# Debian's, whatever else is in the PATH.
CARGO, RUSTC, CRATES = Path("/usr/bin/cargo"), Path("/usr/bin/rustc"), Path("/usr/share/cargo/registry")


class Missing(Trouble):
    """The peer cannot be built on this machine. The others can be measured without it."""


@dataclass(frozen=True)
class Run:
    """What a program said about a row, and how it came by its CPU."""

    value: float  # of one operation
    wall: float  # seconds from its start to its end
    cpu: float  # seconds of these that it ran
    note: str = ""  # what it said on its standard error


@dataclass(frozen=True)
class Peer:
    """A program that is there. `PROGRAM list` prints its rows, and `PROGRAM ROW OPS` measures one."""

    name: str
    program: Path
    version: str

    @cached_property
    def rows(self) -> frozenset[str]:
        return frozenset(self._ask("list")[0])

    def measure(self, row: str, ops: int, core: int) -> Run:
        """One run of a row, pinned to a core."""
        cpu, start = _cpu_of_children(), time.monotonic()
        answer, note = self._ask(row, str(ops), core=core)
        wall, cpu = time.monotonic() - start, _cpu_of_children() - cpu
        value = answer.get("value") if isinstance(answer, dict) else None
        if not isinstance(value, (int, float)) or not 0 < value < float("inf"):
            raise Trouble(f"{self._command(row, str(ops))} should give a value above 0, but printed {answer}.")
        return Run(value, wall, cpu, note)

    def _command(self, *arguments: str) -> str:
        return shlex.join([relative(self.program), *arguments])

    def _ask(self, *arguments: str, core: int | None = None):
        """What the program prints, which is a line of JSON, and what it has to say about it."""
        command = self._command(*arguments)
        pin = None if core is None else (lambda: os.sched_setaffinity(0, {core}))
        try:
            done = subprocess.run([self.program, *arguments], preexec_fn=pin, timeout=LIMIT, text=True,
                                  errors="replace", stdin=subprocess.DEVNULL, capture_output=True)
        except subprocess.TimeoutExpired:
            raise Trouble(f"{command} hangs: it was ended after {LIMIT} seconds.") from None
        except OSError as error:
            raise Trouble(f"{command} cannot be started: {error.strerror}.") from None
        if done.returncode:
            code = done.returncode
            how = f"ended with code {code}" if code > 0 else f"crashed: {signal.strsignal(-code)}"
            raise Trouble("\n".join([f"{command} {how}.", *done.stderr.strip().splitlines()[-10:]]))
        try:
            return json.loads(done.stdout), done.stderr.strip()
        except json.JSONDecodeError:
            raise Trouble(f"{command} should print a line of JSON, but printed {done.stdout!r}.") from None


def _cpu_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


# --- Building


def nara() -> Peer:
    return Peer("nara", _cmake("bench-nara"), _compiler())


def limit() -> Peer:
    return Peer("limit", _cmake("bench-limit"), f"bare coroutines, {_compiler()}")


def tokio() -> Peer:
    """Tokio as Debian packages it. Nothing is downloaded."""
    if not (CARGO.exists() and RUSTC.exists() and any(CRATES.glob("tokio-1.*"))):
        raise Missing("Tokio is left out: its Debian packages are not here. To get them: tools/setup.sh bench")
    folder, target = HERE / "tokio", BUILD / "bench/tokio"
    lock = folder / "Cargo.lock"
    lock.unlink(missing_ok=True)  # it names versions, but those that are here now are to be taken
    # Neither the flags nor the settings of somebody's own Rust count here.
    environment = {name: value for name, value in os.environ.items() if not re.match("CARGO|RUST", name)}
    environment |= {"RUSTC": str(RUSTC), "CARGO_HOME": str(BUILD / "bench/cargo"), "CARGO_TARGET_DIR": str(target)}
    with busy("Building Tokio: the first time, that takes minutes"):
        done = subprocess.run([CARGO, "build", "--release", "--offline"], cwd=folder, env=environment,
                              text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        end = "\n".join(f"  | {line}" for line in done.stdout.strip().splitlines()[-20:])
        raise Trouble(f"The program for Tokio does not build. Cargo ended with:\n{end}")
    version = re.search(r'name = "tokio"\nversion = "(.+)"', lock.read_text(encoding="utf-8"))[1]
    return Peer("tokio", target / "release/bench-tokio", f"Tokio {version}, {_version(RUSTC)}, fat LTO")


# In the order of the table.
PEERS: dict[str, Callable[[], Peer]] = {"nara": nara, "tokio": tokio, "limit": limit}


def _cmake(target: str) -> Path:
    build = Build("release")
    try:
        build.build(target)
    except BuildFailed as failure:
        raise Trouble(f"{target} does not build.\n{failure}") from None
    return build.program(target)


def _compiler() -> str:
    found = subprocess.run([ROOT / "tools/setup.sh", "compiler"], capture_output=True, text=True)
    return f"{_version(Path(found.stdout.strip()))}, -O3"


def _version(program: Path) -> str:
    """The name and the version of a program, without the name of who has packaged it."""
    said = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
    return f"{program.name} {re.search(r'[0-9]+([.][0-9]+)+', said)[0]}"
