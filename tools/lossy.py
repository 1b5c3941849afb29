"""Do bytes arrive as they were sent, through a network that loses and reorders packets?

A network of its own has such faults, and nobody else has them: a network namespace of Linux, with a
rule in it. That takes root. `tc` with netem delays, loses and reorders. Where the kernel lacks that,
`nft` loses one packet in twenty. Where neither can be had, this is left out, and a line says why.
"""

import contextlib
import os
import subprocess
from collections.abc import Iterator

import clients
from clients import Case
from course import Build, status
from rules import Finding

COPY = ("head -c 400000 /dev/urandom | base64 >$tmp/in && socat -t 30 - TCP:$at <$tmp/in >$tmp/out; "
        "cmp $tmp/in $tmp/out && echo same")
CASES = [
    Case("06-1", "half a megabyte comes back", COPY, r"\Asame\n\Z"),
    Case("06-5", "half a megabyte comes back, through a proxy", COPY, r"\Asame\n\Z", behind="06-1"),
]
NETEM = "qdisc add dev lo root netem delay 2ms 1ms loss 5% reorder 25%"
NFT = "table inet lossy {\nchain input {\ntype filter hook input priority 0\nnumgen random mod 20 0 drop\n}\n}"


def findings(build: Build) -> Iterator[Finding]:
    """How each case went, in such a network."""
    with contextlib.ExitStack() as undo:
        try:
            within, kind = lossy(undo)
        except (OSError, subprocess.CalledProcessError) as trouble:
            why = getattr(trouble, "stderr", "") or str(trouble)
            print(f"Left out: a network that loses packets. {why.strip().splitlines()[0]}")
            return
        build.build(*{f"{exercise}.solution.run" for case in CASES for exercise in (case.exercise, case.behind) if exercise})
        for case in CASES:
            status(f"{case.does} ({kind})")
            yield f"{case.exercise} and {case.does} ({kind})", clients.fault(
                build.program(f"{case.exercise}.solution.run"), case, build.program(f"{case.behind}.solution.run"), within)
    status()


def lossy(undo: contextlib.ExitStack) -> tuple[tuple[str, ...], str]:
    """Makes the network. Returns the command that runs another one in it, and which faults it has."""
    name = f"nara-{os.getpid()}"
    run("ip", "netns", "add", name)
    undo.callback(run, "ip", "netns", "delete", name)
    within = ("ip", "netns", "exec", name)
    run(*within, "ip", "link", "set", "lo", "mtu", "1500", "gso_max_segs", "1", "up")  # many packets, small ones
    try:
        run(*within, "tc", *NETEM.split())
        return within, "netem"
    except (OSError, subprocess.CalledProcessError):
        run(*within, "nft", NFT)
        return within, "nft"


def run(*command: str) -> None:
    """Raises CalledProcessError with what it says, or OSError when there is no such program."""
    subprocess.run(command, check=True, capture_output=True, text=True)
