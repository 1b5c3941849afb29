#!/usr/bin/env python3
"""Measures what Nara costs, beside its peers: `make bench`, or `make bench ROW=yield`.

    bench.py                 all rows
    bench.py yield wake      these
    bench.py --rounds 25     more rounds
    bench.py --quick         does every row run at all? One round of few operations

It prints a table, and writes all that was measured into build/bench/bench.json.
"""

import signal

# In silence, please, whenever somebody stops it, or reads no further.
signal.signal(signal.SIGINT, signal.SIG_DFL)
signal.signal(signal.SIGPIPE, signal.SIG_DFL)

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import textwrap
import time
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from statistics import median, quantiles

from peers import HERE, PEERS, Missing, Peer, Run

from course import BUILD, ROOT, Trouble, pick, relative, status

ROUNDS = 9
SECONDS = 0.2  # that a run should take
BATCH = 1000  # a number of operations is a multiple of it
NOISY = 15  # percent of spread from which on a row is noisy
SHARED = 5  # percent of the time that others may have the core
OURS, RIVAL = "nara", "tokio"


@dataclass
class Row:
    """An entry of rows.toml, and what was measured of it."""

    name: str
    sentence: str
    unit: str
    goal: float | None = None
    ops: int | None = None  # when it is fixed
    rounds: int = ROUNDS  # fewer, when a run takes seconds
    waits: bool = False  # it sleeps, too: the time that it does not run was not taken from it
    runs: dict[str, list[Run]] = field(default_factory=dict)  # of each peer, one for each round
    counts: dict[str, int] = field(default_factory=dict)  # operations in each run of a peer

    def samples(self, peer: str) -> list[float]:
        return [run.value for run in self.runs.get(peer, [])]

    @property
    def ratios(self) -> list[float]:
        """Ours by the rival's, round by round."""
        return [ours / theirs for ours, theirs in zip(self.samples(OURS), self.samples(RIVAL))]

    @property
    def spread(self) -> float | None:
        """That of the peer where it is widest."""
        found = [spread(self.samples(peer)) for peer in self.runs]
        return max((value for value in found if value is not None), default=None)


def spread(samples: list[float]) -> float | None:
    """How far apart the quartiles are, in percent of the median."""
    if len(samples) < 2:
        return None
    low, half, high = quantiles(samples, n=4, method="inclusive")
    return round(100 * (high - low) / half, 2)


def middle(samples: list[float]) -> float | None:
    return median(samples) if samples else None


def rows(wanted: list[str]) -> list[Row]:
    """The rows of these names, or all."""
    with (HERE / "rows.toml").open("rb") as file:
        known = {entry["name"]: Row(**entry) for entry in tomllib.load(file)["row"]}
    return [pick("row", name, known, "make bench ROW=yield") for name in wanted or known]


def peers() -> list[Peer]:
    """All that can be built here."""
    known, found = {row.name for row in rows([])}, []
    for build in PEERS.values():
        try:
            peer = build()
        except Missing as missing:
            print(missing)
            continue
        if unknown := peer.rows - known:
            raise Trouble(f"{peer.name} has rows that rows.toml does not know: {', '.join(sorted(unknown))}.")
        found.append(peer)
    return found


# --- Measuring


def idlest_core() -> int:
    """The core that had the least to do in the last third of a second."""
    def idle() -> dict[int, int]:
        lines = re.findall(r"^cpu(\d+) \d+ \d+ \d+ (\d+)", Path("/proc/stat").read_text(), re.M)
        return {int(core): int(ticks) for core, ticks in lines}

    before = idle()
    time.sleep(0.3)
    after = idle()
    return max(sorted(os.sched_getaffinity(0)), key=lambda core: after.get(core, 0) - before.get(core, 0))


def calibrate(row: Row, peer: Peer, core: int) -> int:
    """How many operations of the row take that peer as long as a run should take."""
    ops = BATCH
    while True:
        nanoseconds = peer.measure(row.name, ops, core).value
        if nanoseconds * ops > 1e7:  # enough to go by
            return max(BATCH, round(SECONDS * 1e9 / nanoseconds / BATCH) * BATCH)
        ops *= 10


def measure(todo: list[Row], found: list[Peer], core: int, quick: bool) -> None:
    """Runs all rows of all peers in turn, again and again, each time in another order of the peers."""
    rounds = max(row.rounds for row in todo)
    for row in todo:
        if not any(row.name in peer.rows for peer in found):
            raise Trouble(f"No peer has the row {row.name}.")
        for peer in found:
            if row.name in peer.rows:
                status(f"Calibrating {row.name}, {peer.name}")
                row.runs[peer.name] = []
                row.counts[peer.name] = BATCH if quick else row.ops or calibrate(row, peer, core)
    for number in range(rounds):
        first = number % len(found)
        for row in (row for row in todo if number < row.rounds):
            for peer in (*found[first:], *found[:first]):
                if row.name in peer.rows:
                    status(f"Round {number + 1} of {rounds}: {row.name}, {peer.name}")
                    run = peer.measure(row.name, row.counts[peer.name], core)
                    row.runs[peer.name].append(run)
    status()


# --- Telling


def table(todo: list[Row], found: list[Peer]) -> str:
    """One line for each row, with the medians of all peers. What a peer does not have is a dash."""
    def cell(value: float | None, form: str) -> str:
        return "-" if value is None else format(value, form)

    lines = [["", *(peer.name for peer in found), f"{OURS}/{RIVAL}", "goal", "spread, %", ""]]
    for row in todo:
        medians = [cell(middle(row.samples(peer.name)), ".1f") for peer in found]
        ratio = middle(row.ratios)
        small = ratio is not None and ratio < 0.1
        lines.append([row.name, *medians, cell(ratio, ".2g" if small else ".2f"), cell(row.goal, "g"),
                      cell(row.spread, ".0f"), row.unit])
    widths = [max(map(len, column)) for column in zip(*lines)]
    return "\n".join("  ".join([name.ljust(widths[0]), *map(str.rjust, cells, widths[1:]), unit]).rstrip()
                     for name, *cells, unit in lines)


def warnings(todo: list[Row]) -> list[str]:
    """What makes the figures less than sure."""
    found = []
    if noisy := [row.name for row in todo if (row.spread or 0) > NOISY]:
        found.append(f"This machine is noisy: the spread is above {NOISY} % in {', '.join(noisy)}. "
                     "Take more rounds, or a quieter hour.")
    if (lost := lost_share(todo)) > SHARED:
        found.append(f"The programs had to share their core: {lost:.0f} % of the time they waited for it. "
                     f"The load of the machine is {os.getloadavg()[0]:.1f}.")
    return found


def notes(todo: list[Row]) -> list[str]:
    """What the programs had to say."""
    return sorted({run.note for run in all_runs(todo)} - {""})


def all_runs(todo: Iterable[Row]) -> list[Run]:
    return [run for row in todo for of_peer in row.runs.values() for run in of_peer]


def lost_share(todo: list[Row]) -> float:
    """The share of the time, in percent, in which programs wanted to run and did not."""
    runs = all_runs(row for row in todo if not row.waits)
    wall = sum(run.wall for run in runs)
    return max(0.0, 100 * (1 - sum(run.cpu for run in runs) / wall)) if wall else 0.0


def machine() -> dict:
    """What the figures depend on, besides the code."""
    cpuinfo = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    cpu = re.search(r"^model name\s*: (.+)", cpuinfo, re.M)
    commit = subprocess.run(["git", "describe", "--always", "--dirty", "--exclude=*"],
                            cwd=ROOT, capture_output=True, text=True)
    return {"cpu": cpu[1] if cpu else platform.machine(), "cores": os.cpu_count(),
            "kernel": platform.release(), "libc": " ".join(platform.libc_ver()), "commit": commit.stdout.strip(),
            "load": os.getloadavg()[0], "when": datetime.now(timezone.utc).isoformat(timespec="seconds")}


def write(path: Path, todo: list[Row], found: list[Peer], facts: dict) -> None:
    """All that was measured."""
    def of(row: Row, peer: str) -> dict:
        samples = row.samples(peer)
        return {"ops": row.counts[peer], "median": middle(samples), "spread_percent": spread(samples),
                "samples": samples}

    measured = {row.name: {"unit": row.unit, "goal": row.goal, "rounds": row.rounds, "ratio": middle(row.ratios),
                           "ratios": row.ratios, "peers": {peer: of(row, peer) for peer in row.runs}} for row in todo}
    content = facts | {"lost_percent": round(lost_share(todo), 2),
                       "peers": {peer.name: peer.version for peer in found}, "rows": measured}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def counted(todo: list[Row]) -> str:
    """How many rounds there were."""
    rounds = sorted({row.rounds for row in todo})
    return f"{rounds[0]} to {rounds[-1]} rounds" if len(rounds) > 1 else f"{rounds[0]} rounds"


def paragraph(text: str) -> str:
    return textwrap.fill(text, width=100)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows", nargs="*", metavar="ROW", help="rows of rows.toml; all if there is none")
    parser.add_argument("--rounds", type=int, help=f"how often each row is run ({ROUNDS}; long ones less)")
    parser.add_argument("--quick", action="store_true", help="does every row run at all?")
    arguments = parser.parse_args()
    if arguments.rounds is not None and arguments.rounds < 1:
        parser.error("there has to be a round")
    wanted = [*dict.fromkeys(" ".join(arguments.rows).split())]
    todo = rows(wanted)
    for row in todo:
        row.rounds = 1 if arguments.quick else arguments.rounds or row.rounds
    found, core = peers(), idlest_core()
    facts = machine() | {"core": core}
    measure(todo, found, core, arguments.quick)
    if arguments.quick:
        print(table(todo, found), *notes(todo),
              "These are no measurements: the operations were too few.", sep="\n\n")
        print(f"{sum(len(row.runs) for row in todo)} passed, 0 failed")
        return 0

    print(paragraph(f"One operation, on one thread of {facts['cpu']}, Linux {facts['kernel']}. Medians of "
                    f"{counted(todo)}: peers in turn, pinned to core {core}, after a warm-up; CPU time, not "
                    "wall-clock time; no run is left out."))
    print(*(paragraph(f"{peer.name}: {peer.version}") for peer in found), sep="\n")
    if wanted:
        print(*(paragraph(f"{row.name}: {row.sentence}") for row in todo), sep="\n")
    print("", table(todo, found), "", sep="\n")
    print(paragraph(f"{OURS}/{RIVAL}: the ratio within a round; below 1, {OURS} is cheaper. Spread: the distance "
                    "of the quartiles, by the median, of the peer where it is widest."))
    path = BUILD / "bench/bench.json"
    write(path, todo, found, facts)
    print(*map(paragraph, [*notes(todo), *warnings(todo)]), f"All samples: {relative(path)}", sep="\n")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Trouble as trouble:
        status()
        print(trouble, file=sys.stderr)
        sys.exit(trouble.exit_code)
