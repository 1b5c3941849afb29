#!/usr/bin/env python3
"""Measures what Nara costs, beside its peers: `make bench`, or `make bench ROW=yield`.

    bench.py                 all rows
    bench.py yield echo-64   these
    bench.py --rounds 25     more rounds
    bench.py --details       also how long round trips take, and how many system calls
    bench.py --quick         does every row run at all? One round of few operations

It prints tables, and writes all that was measured into build/bench/bench.json.
"""

import signal

# In silence, please, whenever somebody stops it, or reads no further.
signal.signal(signal.SIGINT, signal.SIG_DFL)
signal.signal(signal.SIGPIPE, signal.SIG_DFL)

import argparse
import os
import re
import resource
import sys
import textwrap
import time
from pathlib import Path

import network
import report
from network import Cores
from peers import PEERS, Missing
from rows import LEAST, OURS, RIVAL, ROUNDS, Row, rows
from runs import Peer, Run

from course import BUILD, Trouble, relative, status

SECONDS = 0.2  # that a run should take
BATCH = 1000  # a number of operations is a multiple of it


def peers(todo: list[Row]) -> list[Peer]:
    """Those that can be built here, and have one of the rows."""
    every = rows([])
    known, found = {row.name for row in every} | {f"serve {row.load.serve}" for row in every if row.load}, []
    for build in PEERS.values():
        try:
            peer = build()
        except Missing as missing:
            print(missing)
            continue
        if unknown := peer.rows - known:
            raise Trouble(f"{peer.name} has rows that rows.toml does not know: {', '.join(sorted(unknown))}.")
        found.append(peer)
    for row in todo:
        if not any(row.is_in(peer) for peer in found):
            raise Trouble(f"No peer has the row {row.name}.")
    return [peer for peer in found if any(row.is_in(peer) for row in todo)]


# --- Measuring


def idlest_cores() -> Cores:
    """Those that had the least to do in the last third of a second."""
    def idle() -> dict[int, int]:
        lines = re.findall(r"^cpu(\d+) \d+ \d+ \d+ (\d+)", Path("/proc/stat").read_text(), re.M)
        return {int(core): int(ticks) for core, ticks in lines}

    before = idle()
    time.sleep(0.3)
    after = idle()
    best = sorted(sorted(os.sched_getaffinity(0)), key=lambda core: before.get(core, 0) - after.get(core, 0))
    return Cores(best[0], best[1 % len(best)])


def run(peer: Peer, row: Row, ops: int, cores: Cores) -> Run:
    """One run of a row."""
    return network.measure(peer, row, ops, cores) if row.load else peer.measure(row.name, ops, cores.server)


def calibrate(row: Row, peer: Peer, cores: Cores) -> int:
    """How many operations of the row take that peer as long as a run should take."""
    ops = BATCH
    while True:
        nanoseconds = run(peer, row, ops, cores).value
        if nanoseconds * ops > 1e7:  # enough to go by
            return max(BATCH, round(SECONDS * 1e9 / nanoseconds / BATCH) * BATCH)
        ops *= 10


def measure(todo: list[Row], found: list[Peer], cores: Cores, quick: bool) -> None:
    """Runs all rows of all peers in turn, again and again, each time in another order of the peers."""
    rounds = max(row.rounds for row in todo)
    for row in todo:
        for peer in filter(row.is_in, found):
            status(f"Calibrating {row.name}, {peer.name}")
            row.runs[peer.name] = []
            row.counts[peer.name] = BATCH if quick else row.ops or calibrate(row, peer, cores)
    for number in range(rounds):
        first = number % len(found)
        for row in (row for row in todo if number < row.rounds):
            for peer in filter(row.is_in, (*found[first:], *found[:first])):
                status(f"Round {number + 1} of {rounds}: {row.name}, {peer.name}")
                row.runs[peer.name].append(run(peer, row, row.counts[peer.name], cores))
    status()


def system_calls(todo: list[Row], found: list[Peer], cores: Cores) -> dict[tuple[str, str], float | None]:
    """Those of one round trip, by row and peer."""
    calls = {}
    for row in todo:
        for peer in filter(row.is_in, found):
            status(f"Counting system calls: {row.name}, {peer.name}")
            calls[row.name, peer.name] = network.system_calls(peer, row, row.counts[peer.name], cores)
    status()
    return calls


# --- Telling


def counted(todo: list[Row]) -> str:
    """How many rounds there were."""
    rounds = sorted({row.rounds for row in todo})
    return f"{rounds[0]} to {rounds[-1]} rounds" if len(rounds) > 1 else f"{rounds[0]} rounds"


def paragraph(text: str) -> str:
    return textwrap.fill(text, width=100)


def print_details(todo: list[Row], found: list[Peer], cores: Cores) -> None:
    todo = [row for row in todo if row.has_round_trips]
    print(report.details(todo, found, system_calls(todo, found, cores)), "", sep="\n")
    how = {"perf": "perf counted the system calls.",
           "strace": "strace counted the system calls, and slows the server down: so it finds more to do at once.",
           "": "Nothing here may count system calls: perf and strace are missing, or not allowed to."}
    print(paragraph(f"The times are those of a round trip, as the client sees it. {how[network.counter()]}"))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows", nargs="*", metavar="ROW", help="rows of rows.toml; all if there is none")
    parser.add_argument("--rounds", type=int, help=f"how often each row is run ({ROUNDS}; long ones less)")
    parser.add_argument("--details", action="store_true", help="also how long round trips take")
    parser.add_argument("--quick", action="store_true", help="does every row run at all?")
    given = parser.parse_args()
    if given.rounds is not None and given.rounds < 1:
        parser.error("there has to be a round")
    return given


def main() -> int:
    given = arguments()
    wanted = [*dict.fromkeys(" ".join(given.rows).split())]
    todo = rows(wanted)
    for row in todo:
        row.rounds = 1 if given.quick else given.rounds or row.rounds
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # for thousands of connections
    found, cores = peers(todo), idlest_cores()
    facts = report.machine() | {"core": cores.server, "core_of_clients": cores.client}
    measure(todo, found, cores, given.quick)
    if given.quick:
        print(report.tables(todo, found), *report.notes(todo),
              "These are no measurements: the operations were too few.", sep="\n\n")
        if given.details:
            print_details(todo, found, cores)
        print(f"{sum(len(row.runs) for row in todo)} passed, 0 failed")
        return 0

    clients = f" Clients have core {cores.client}." * any(row.load for row in todo)
    print(paragraph(f"One operation, on one thread of {facts['cpu']}, Linux {facts['kernel']}. Medians of "
                    f"{counted(todo)}: peers in turn, pinned to core {cores.server}, after a warm-up; CPU time, not "
                    f"wall-clock time; no run is left out.{clients}"))
    print(*(paragraph(f"{peer.name}: {peer.version}") for peer in found), sep="\n")
    if wanted:
        print(*(paragraph(f"{row.name}: {row.sentence}") for row in todo), sep="\n")
    print("", report.tables(todo, found), "", sep="\n")
    print(paragraph(f"{OURS}/{RIVAL}: the ratio within a round; below 1, {OURS} is cheaper. x: by {LEAST}'s, the same "
                    "way. Spread: the distance of the quartiles, by the median, of the peer where it is widest."))
    if given.details:
        print_details(todo, found, cores)
    path = BUILD / "bench/bench.json"
    report.write(path, todo, found, facts)
    print(*map(paragraph, [*report.notes(todo), *report.warnings(todo)]), f"All samples: {relative(path)}", sep="\n")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Trouble as trouble:
        status()
        print(trouble, file=sys.stderr)
        sys.exit(trouble.exit_code)
