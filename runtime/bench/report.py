"""What is told of the measurements: tables, warnings, and a file with all of them."""

import json
import os
import platform
import re
import subprocess
from datetime import datetime, timezone
from pathlib import Path

from rows import LEAST, OURS, RIVAL, Row, all_runs, middle, spread
from runs import Peer

from course import ROOT

NOISY = 15  # percent of spread from which on a row is noisy
SHARED = 5  # percent of the time that others may have the core
MORE = {"p50": "p50, us", "p99": "p99, us", "p999": "p999, us", "per_second": "per second", "calls": "system calls"}


def tables(todo: list[Row], found: list[Peer]) -> str:
    """One for the rows that are measured in the peers themselves, and one for those about the network."""
    kinds = [row for row in todo if not row.load], [row for row in todo if row.load]
    return "\n\n".join(_table(kind, [peer for peer in found if any(row.is_in(peer) for row in kind)])
                       for kind in kinds if kind)


def _table(todo: list[Row], found: list[Peer]) -> str:
    """One line for each row, with the medians of all peers."""
    lines = [["", *(peer.name for peer in found), f"{OURS}/{RIVAL}", "goal", "spread, %", ""]]
    for row in todo:
        ratio = middle(row.ratios(OURS, RIVAL))
        small = ratio is not None and ratio < 0.1
        goal = _cell(row.goal, "g") if row.goal_ratio is None else f"x {row.goal_ratio:.2f}"
        lines.append([row.name, *(_median(row, peer.name) for peer in found),
                      _cell(ratio, ".2g" if small else ".2f"), goal, _cell(row.spread, ".0f"), row.unit])
    return _aligned(lines)


def _median(row: Row, peer: str) -> str:
    """Of a row about the network, also by what the limit takes."""
    cost = _cell(middle(row.samples(peer)), ".1f" if not row.load else ".0f")
    to_limit = row.load and peer != LEAST and middle(row.ratios(peer, LEAST))
    return f"{cost} x {to_limit:.2f}" if to_limit else cost


def details(todo: list[Row], found: list[Peer], calls: dict[tuple[str, str], float | None]) -> str:
    """How long round trips took, and the system calls of each."""
    lines = [["", "", *MORE.values(), ""]]
    for row in todo:
        for peer in (peer.name for peer in found if row.is_in(peer)):
            more = row.more(peer) | {"calls": calls[row.name, peer]}
            forms = {"per_second": ",.0f", "calls": ".2f"}
            cells = [_cell(more[name], forms.get(name, ".1f")) for name in MORE]
            lines.append([row.name, peer.ljust(max(len(peer.name) for peer in found)), *cells, ""])
    return _aligned(lines)


def _cell(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)


def _aligned(lines: list[list[str]]) -> str:
    """The first column to the left, and the last one as it is."""
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
                "samples": samples} | row.more(peer)

    def all_of(row: Row) -> dict:
        ratios = row.ratios(OURS, RIVAL)
        return {"unit": row.unit, "goal": row.goal, "goal_ratio": row.goal_ratio, "rounds": row.rounds,
                "ratio": middle(ratios), "ratios": ratios, "peers": {peer: of(row, peer) for peer in row.runs}}

    content = facts | {"lost_percent": round(lost_share(todo), 2),
                       "peers": {peer.name: peer.version for peer in found},
                       "rows": {row.name: all_of(row) for row in todo}}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
