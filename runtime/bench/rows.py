"""What is measured: the rows, and their statistics."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median, quantiles

from runs import HERE, Peer, Run

from course import pick

ROUNDS = 9
OURS, RIVAL, LEAST = "nara", "tokio", "limit"


@dataclass(frozen=True)
class Load:
    """What a row about the network asks of a server."""

    serve: str  # what kind of server
    connections: int  # or packets that are on their way
    bytes: int = 0  # of a message
    mode: str = ""  # of bench-load, where it has not the name of the server
    same_core: bool = False  # is the client on the server's core?


@dataclass
class Row:
    """An entry of rows.toml, and what was measured of it."""

    name: str
    sentence: str
    unit: str
    goal: float | None = None  # what ours is meant to cost
    goal_ratio: float | None = None  # or: by what the limit does
    ops: int | None = None  # when it is fixed
    rounds: int = ROUNDS  # fewer, when a run takes seconds
    waits: bool = False  # it sleeps, too: the time that it does not run was not taken from it
    load: Load | None = None  # a server is measured, under this load
    runs: dict[str, list[Run]] = field(default_factory=dict)  # of each peer, one for each round
    counts: dict[str, int] = field(default_factory=dict)  # operations in each run of a peer

    def is_in(self, peer: Peer) -> bool:
        return (f"serve {self.load.serve}" if self.load else self.name) in peer.rows

    @property
    def has_round_trips(self) -> bool:
        """Are there any that can be timed, one by one?"""
        return bool(self.load and self.load.mode != "idle")

    def samples(self, peer: str) -> list[float]:
        return [run.value for run in self.runs.get(peer, [])]

    def ratios(self, peer: str, to: str) -> list[float]:
        """A peer's by another's, round by round."""
        return [one / other for one, other in zip(self.samples(peer), self.samples(to))]

    def more(self, peer: str) -> dict[str, float]:
        """The medians of what else was measured."""
        runs = [run.more for run in self.runs.get(peer, [])]
        return {name: median(run[name] for run in runs) for name in (runs[0] if runs else ())}

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
        known = {entry["name"]: _row(**entry) for entry in tomllib.load(file)["row"]}
    return [pick("row", name, known, "make bench ROW=yield") for name in wanted or known]


def _row(load: dict | None = None, **entry) -> Row:
    return Row(load=load and Load(**load), **entry)


def all_runs(todo: Iterable[Row]) -> list[Run]:
    return [run for row in todo for of_peer in row.runs.values() for run in of_peer]
