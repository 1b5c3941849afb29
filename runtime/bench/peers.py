"""The programs that are compared, and how they are built."""

import os
import re
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path

from runs import HERE, Peer

from course import BUILD, ROOT, Build, BuildFailed, Trouble, busy

# Debian's, whatever else is in the PATH.
CARGO, RUSTC, CRATES = Path("/usr/bin/cargo"), Path("/usr/bin/rustc"), Path("/usr/share/cargo/registry")
GO, HEADERS = Path("/usr/bin/go"), Path("/usr/include")


class Missing(Trouble):
    """The peer cannot be built on this machine. The others can be measured without it."""


def nara() -> Peer:
    return Peer("nara", _cmake("bench-nara"), _compiler())


def limit() -> Peer:
    return Peer("limit", _cmake("bench-limit"), f"bare coroutines, a bare loop around epoll, {_compiler()}")


def tokio() -> Peer:
    """Tokio as Debian packages it. Nothing is downloaded."""
    _need("Tokio", CARGO.exists() and RUSTC.exists() and any(CRATES.glob("tokio-1.*")))
    target, lock = BUILD / "bench/tokio", HERE / "tokio/Cargo.lock"
    lock.unlink(missing_ok=True)  # it names versions, but those that are here now are to be taken
    _compile("Tokio", [CARGO, "build", "--release", "--offline"], RUSTC=RUSTC,
             CARGO_HOME=BUILD / "bench/cargo", CARGO_TARGET_DIR=target)
    version = re.search(r'name = "tokio"\nversion = "(.+)"', lock.read_text(encoding="utf-8"))[1]
    return Peer("tokio", target / "release/bench-tokio", f"Tokio {version}, {_version(RUSTC)}, fat LTO")


def asio() -> Peer:
    header = HEADERS / "asio/version.hpp"
    _need("Asio", header.exists())
    version = re.search(r"ASIO_VERSION \d+ // (\S+)", header.read_text(encoding="utf-8"))[1]
    return Peer("asio", _cmake("bench-asio"), f"Asio {version}, coroutines, {_compiler()}")


def uv() -> Peer:
    header = HEADERS / "uv/version.h"
    _need("libuv", header.exists())
    version = re.findall(r"UV_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", header.read_text(encoding="utf-8"))
    return Peer("uv", _cmake("bench-uv"), f"libuv {'.'.join(version)}, {_compiler()}")


def go() -> Peer:
    _need("Go", GO.exists())
    target = BUILD / "bench/go"
    _compile("Go", [GO, "build", "-o", target / "bench-go"], GO111MODULE="off", GOENV="off", CGO_ENABLED="0",
             GOPATH=target / "path", GOCACHE=target / "cache")
    return Peer("go", target / "bench-go", f"{_version(GO, 'version')}, GOMAXPROCS=1")


# In the order of the table.
PEERS: dict[str, Callable[[], Peer]] = {
    "nara": nara, "tokio": tokio, "asio": asio, "uv": uv, "go": go, "limit": limit,
}


@cache
def load() -> Path:
    """The program that puts a load on servers."""
    return _cmake("bench-load")


def _need(name: str, is_here: bool) -> None:
    if not is_here:
        raise Missing(f"{name} is left out: its Debian packages are not here. To get them: tools/setup.sh bench")


def _cmake(target: str) -> Path:
    build = Build("release")
    try:
        build.build(target)
    except BuildFailed as failure:
        raise Trouble(f"{target} does not build.\n{failure}") from None
    return build.program(target)


def _compile(name: str, command: list, **settings) -> None:
    """Builds the program for a peer, in its folder, which has the peer's name in small letters."""
    # Neither the flags nor the settings of somebody's own count here.
    own = re.compile("CARGO|RUST|GO|CGO")
    environment = {name: value for name, value in os.environ.items() if not own.match(name)}
    environment |= {name: str(value) for name, value in settings.items()}
    with busy(f"Building {name}: the first time, that takes minutes"):
        done = subprocess.run(command, cwd=HERE / name.lower(), env=environment,
                              text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        end = "\n".join(f"  | {line}" for line in done.stdout.strip().splitlines()[-20:])
        raise Trouble(f"The program for {name} does not build. {Path(command[0]).name} ended with:\n{end}")


def _compiler() -> str:
    found = subprocess.run([ROOT / "tools/setup.sh", "compiler"], capture_output=True, text=True)
    return f"{_version(Path(found.stdout.strip()))}, -O3"


def _version(program: Path, option: str = "--version") -> str:
    """The name and the version of a program, without the name of who has packaged it."""
    said = subprocess.run([program, option], capture_output=True, text=True).stdout
    return f"{program.name} {re.search(r'[0-9]+([.][0-9]+)+', said)[0]}"
