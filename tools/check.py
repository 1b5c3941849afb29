#!/usr/bin/env python3
"""Everything that has to hold before a change goes in, quick things first: `make check-all`.

    check.py              all stages
    check.py wrong tsan   these
    NARA_SHARD=2/3        of what takes long, the second third; what is short is part of the first

The checks build in build/check, where a warning is an error, and have a learner of their own there.
"""

import difflib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree

HERE = Path(__file__).resolve().parent.parent / "build/check"
os.environ |= {"NARA_BUILD": str(HERE), "NARA_WORK": str(HERE / "work")}  # course.py reads them

import clients  # noqa: E402
import course  # noqa: E402
import crowd  # noqa: E402
import generate  # noqa: E402
import lossy  # noqa: E402
import proofs  # noqa: E402
from course import ROOT, Build, Trouble, relative  # noqa: E402
from rules import IN_TESTS, Finding, all_rules  # noqa: E402
from texts import read, write  # noqa: E402

SHARD, SHARDS = map(int, os.environ.get("NARA_SHARD", "1/1").split("/"))
JOBS = len(os.sched_getaffinity(0))
SHOWN = 60  # lines of what is wrong with one thing


def share(things: Iterable) -> list:
    """Those of the things that this shard looks at."""
    return list(things)[SHARD - 1::SHARDS]


def generated() -> Iterator[Finding]:
    """Is everything that is generated as it would be generated now?"""
    for path, text in generate.generated(outputs=False):
        yield relative(path), difference(path, text)


def outputs() -> Iterator[Finding]:
    """Do texts show what commands really print?"""
    for path, text in generate.generated(outputs=True):
        if "<!-- run" in text:
            yield f"outputs in {relative(path)}", difference(path, text)


def difference(path: Path, text: str) -> str:
    """What `make generate` would change in a file."""
    old = read(path) if path.exists() else ""
    lines = difflib.unified_diff(old.splitlines(), text.splitlines(), "now", "generated", n=1, lineterm="")
    return "\n".join(["Run `make generate`.", *lines]) if old != text else ""


def slides() -> Iterator[Finding]:
    """Does everything fit on its slide?"""
    decks = share(generate.decks())
    pages = [generate.build_deck(deck) for deck in decks]
    seen = subprocess.run(["node", "tools/slides.mjs", *pages], cwd=ROOT, capture_output=True, text=True)
    if seen.returncode and not seen.stdout:
        raise Trouble(seen.stderr)
    for deck in decks:
        yield relative(deck), "\n".join(re.findall(rf"^{deck.stem}\b.*", seen.stdout, re.M))


def tidy() -> Iterator[Finding]:
    """What does clang-tidy say?"""
    build = proofs.checked("asan")
    build.build("testkit-program")  # with it comes the precompiled header
    other_variants = re.compile(r"CMakeFiles/(\d\d-\w+\.(?!solution)|lesson-\d\d[.-](?!dir/))|cmake_pch\.hxx\.cxx$")
    entries = [entry for entry in json.loads(read(build.folder / "compile_commands.json"))
               if not other_variants.search(entry["command"])]
    write(HERE / "tidy/compile_commands.json", json.dumps(entries))

    def look(file: str) -> Finding:
        in_tests = "-bugprone-use-after-move,-cppcoreguidelines-avoid-capturing-lambda-coroutines"
        without = in_tests if IN_TESTS.search(relative(Path(file))) else ""  # they misuse on purpose
        done = subprocess.run(["clang-tidy-19", "--quiet", f"--checks={without}", "-p", HERE / "tidy", file],
                              capture_output=True, text=True)
        return f"clang-tidy {relative(Path(file))}", done.stdout if done.returncode else ""

    with ThreadPoolExecutor(JOBS) as pool:
        yield from pool.map(look, share(sorted({entry["file"] for entry in entries})))


def tests(build: Build, *targets: str) -> Iterator[Finding]:
    """Does everything build, or just these targets, and do all tests pass?"""
    build.build(*targets)
    report = build.folder / "tests.xml"
    report.unlink(missing_ok=True)
    ctest = ["ctest", "--test-dir", build.folder, "-j", str(JOBS), "-I", f"{SHARD},,{SHARDS}",
             "--timeout", "120", "--output-junit", report]
    done = subprocess.run(ctest, capture_output=True, text=True)
    cases = [*ElementTree.parse(report).iter("testcase")] if report.exists() else []
    if not cases:
        raise Trouble(f"There are no tests.\n{done.stdout}{done.stderr}")
    for case in cases:
        said = case.findtext("system-out") or case.get("status")
        yield case.get("name"), "" if case.get("status") == "run" else said


def asan() -> Iterator[Finding]:
    """Is memory used as it should be? All layers are copies in the learner's folder, here and in
    `tsan`. That proves that learners' layers can take the place of the lessons', and costs nothing:
    to prove it on its own would take a build of everything. (`make test` has the lessons' own.)"""
    yield from tests(proofs.swapped("asan"))


def tsan() -> Iterator[Finding]:
    """Are there no races? Demos are left out: some stand in for operator new, as does this sanitizer."""
    yield from tests(proofs.swapped("tsan"), "tests")


def gcc() -> Iterator[Finding]:
    build = proofs.checked("gcc", CMAKE_CXX_COMPILER="g++-12")
    yield from tests(build, "tests")
    compiler = re.search(r"^CMAKE_CXX_COMPILER:\w+=(.*)$", read(build.folder / "CMakeCache.txt"), re.M)[1]
    yield "compiler", "" if compiler.endswith("g++-12") else f"It should be g++ 12, but was {compiler}."


def script(path: str, *options: str) -> Iterator[Finding]:
    """Does a test program in Python pass?"""
    done = subprocess.run([path, *options], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    report = re.search(r"^(\d+) passed, \d+ failed\n\Z", done.stdout, re.M)
    yield from [(path, "")] * int(report[1] if report else 0)
    if done.returncode or not report:
        yield path, done.stdout


STAGES = {
    "generated": generated,
    "static": all_rules,
    "slides": slides,
    "asan": asan,
    "starters": lambda: proofs.starters(share(course.exercises())),
    "outputs": outputs,
    "cmake": lambda: script("cmake/tests/run.py"),
    "checks": lambda: script("tools/tests/checks.py"),
    "talk": lambda: script("tools/tests/talk.py"),
    "learner": lambda: script("tools/tests/learner.py"),
    "grade": lambda: script("tools/tests/grade.py"),
    "wrong": lambda: proofs.wrong(share(course.exercises())),
    "clients": lambda: clients.findings(proofs.swapped("asan"), clients.CASES),
    "lossy": lambda: lossy.findings(proofs.swapped("asan")),
    "crowd": lambda: crowd.findings(proofs.swapped("asan"), Build("release")),
    "bench": lambda: script("runtime/bench/bench.py", "--quick"),
    "install": lambda: script("runtime/install/try.py"),
    "tidy": tidy,
    "swap": lambda: proofs.swap(share(proofs.layers())),
    "tsan": tsan,
    "planted": lambda: proofs.planted(share(proofs.bugs())),
    "gcc": gcc,
}
NOT_SHARED = {"generated", "static", "clients", "lossy", "crowd", "outputs", "cmake", "checks", "talk", "learner",
              "bench", "grade", "install"}
# They build in folders of their own, and go on beside what follows them: `wrong` leaves a core idle.
BESIDE = {"outputs", "cmake", "checks", "talk", "learner", "grade"}


def run(stage: str) -> tuple[int, int]:
    """Runs a stage, and says how it went. Returns how much passed and how much failed."""
    start, found = time.monotonic(), []
    course.status(stage)
    try:
        found += STAGES[stage]()
    except (Trouble, OSError, subprocess.CalledProcessError) as trouble:
        found.append((stage, str(trouble) or repr(trouble)))
    course.status()
    faults = [(what, fault) for what, fault in found if fault]
    passed = len(found) - len(faults)
    print(f"{stage:10}{passed:5} passed {len(faults):4} failed {time.monotonic() - start:6.0f} s", flush=True)
    for what, fault in faults:
        lines = fault.strip().splitlines()
        lines[SHOWN:] = [f"... and {len(lines) - SHOWN} lines more"] * (len(lines) > SHOWN)
        print("", f"  {what}", *(f"    | {line}" for line in lines), sep="\n")
    print(end="\n" * bool(faults), flush=True)
    return passed, len(faults)


def main() -> int:
    stages = sys.argv[1:] or [stage for stage in STAGES if SHARD == 1 or stage not in NOT_SHARED]
    if unknown := {*stages} - {*STAGES}:
        print(f"There is no stage {', '.join(unknown)}. There are: {', '.join(STAGES)}.")
        return 2
    counts, later = [], []
    with ThreadPoolExecutor(1) as beside:
        for stage in stages:
            if stage in BESIDE:
                later.append(beside.submit(run, stage))
            else:
                counts.append(run(stage))
        counts += [future.result() for future in later]
    passed, failed = map(sum, zip(*counts))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
