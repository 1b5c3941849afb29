"""Proves what exercises promise: that a starter fails as announced, that a wrong solution fails with
the message expected, and that learners' layers can take the place of the lessons'. And what stress
tests promise: that they find bugs.

A wrong solution is a patch (diff -u, for patch -p1) of the solution's folder, or of the lesson's for
a layer exercise. Above the diff stand lines that say how it has to fail:

    expect: a part of what the test program, or the compiler, prints
    gate: cost       (layers) its behaviour is right, and only the tests of cost fail
"""

import re
import subprocess
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from course import BUILD, Build, BuildFailed, Exercise, Trouble, exercises, relative
from programs import TODO, Run, run_tests
from rules import Finding
from texts import patched, put, read, tests

VARIANTS = BUILD / "variants"
# Rounds of a stress test until a planted bug has to be found, and those of them in one run: each is a
# step, and of what a program prints, the last lines are kept.
PATIENCE, ROUNDS = 10000, 100
ANNOUNCED = re.compile(r"^Untouched, it fails with\s+`+([^`]+)`", re.M)


def checked(preset: str, mine: tuple[str, ...] = (), **options) -> Build:
    """A build in which a warning is an error."""
    options = {"CMAKE_COMPILE_WARNING_AS_ERROR": "ON", "NARA_VARIANTS": VARIANTS} | options
    return Build(preset, mine, **options)


def faults(build: Build, targets: Iterable[str]) -> dict[str, str]:
    """Builds the targets, as many at a time as can be. Says of those that do not build why."""
    def fault(*arguments: str) -> str:
        try:
            return build.build(*arguments) and ""
        except BuildFailed as failure:
            return str(failure)

    targets = list(targets)
    if len(targets) > 1:
        if not fault(*targets, "--", "-k", "0"):
            return {}
        fault(*targets, "--", "-n")  # says what is left to build
        left = {*re.findall(r" bin/(\S+)$", read(build.log), re.M)}
        targets = [target for target in targets if target in left] or targets
    return {target: text for target in targets if (text := fault(target))}


def built_and_run(build: Build, program: str, *options: str, **environment: str) -> Run:
    """What a learner sees: what the compiler says, or else what the tests say."""
    if fault := faults(build, [program]):
        return Run(1, fault[program])
    return run_tests(build, program, *options, **environment)


def findings(what: str, run: Run) -> Iterator[Finding]:
    """The tests of a program that says how many passed."""
    yield from [(what, "")] * run.passed
    if not run.is_green:
        yield what, run.output or f"It ended with code {run.code}."


# --- Starters


def starters(tasks: list[Exercise]) -> Iterator[Finding]:
    """Does each starter compile without a warning, and fail as its README says?"""
    build = swapped("asan")
    tasks = [task for task in tasks if not task.is_layer]
    unbuilt = faults(build, [f"{task.id}.starter{suffix}" for task in tasks
                             for suffix in ("", *[".run"] * task.is_program)])
    for program, fault in unbuilt.items():
        if program.endswith(".run"):
            yield program, fault
    for task in tasks:
        yield f"{task.id}.starter", announced(task, build, f"{task.id}.starter")


def announced(task: Exercise, build: Build, program: str) -> str:
    """What is wrong with the way in which a starter fails."""
    if fault := faults(build, [program]):
        return fault[program]
    start = time.monotonic()
    run = run_tests(build, program)
    if time.monotonic() - start > 10:
        return "It should fail within ten seconds."
    has_todo = any("todo(" in read(task.folder / name) for name in task.files)
    if run.code == 0 or has_todo and run.code != TODO:
        return f"It ended with code {run.code}, not with {TODO if has_todo else 'a failure'}:\n{run.output}"
    readme = task.folder / "README.md"
    promise = ANNOUNCED.search(read(readme)) if readme.exists() else None
    if not promise or promise[1].strip() not in run.output:
        return f"README.md should announce a part of this (Untouched, it fails with …):\n{run.output}"
    return ""


# --- Wrong solutions


def patches(task: Exercise, kind: str) -> list[Path]:
    return sorted(task.solution.glob(f"{kind}/*.patch"))


def refuted(patch: Path, run: Run) -> str:
    """What is wrong with the way in which a wrong solution fails."""
    if not expected(patch):
        return "It should begin with `expect: ` and a part of the message."
    if run.code == 0:
        return "It passes all tests."
    missing = [text for text in expected(patch) if text not in run.output]
    return f"It fails, but does not say: {' … '.join(missing)}\n{run.output}" if missing else ""


def expected(patch: Path) -> list[str]:
    return re.findall(r"^expect: (.+)$", header(patch), re.M)


def header(patch: Path) -> str:
    return re.split(r"^(?:--- |diff )", read(patch), maxsplit=1, flags=re.M)[0]


def wrong(tasks: list[Exercise]) -> Iterator[Finding]:
    """Does each wrong solution fail, and with the message expected?"""
    variants = {}
    for task in tasks:
        for patch in [] if task.is_layer else patches(task, "wrong"):
            try:
                files = {name: read(task.solution / name) for name in task.files}
                put(VARIANTS / task.id / patch.stem, patched(patch, files))
                variants[f"{task.id}.{patch.stem}"] = patch
            except Trouble as trouble:
                yield relative(patch), str(trouble)
    build = swapped("asan")
    build.configure()
    subprocess.run(["cmake", build.folder], stdout=subprocess.DEVNULL, check=True)  # finds new variants
    unbuilt = faults(build, variants)

    def outcome(variant: str) -> Run:
        """What a learner sees, as in built_and_run()."""
        return Run(1, unbuilt[variant]) if variant in unbuilt else run_tests(build, variant)

    with ThreadPoolExecutor() as pool:  # many wait for the end of something that hangs
        for patch, run in zip(variants.values(), pool.map(outcome, variants)):
            yield relative(patch), refuted(patch, run)
    for task in tasks:
        for patch in patches(task, "wrong") if task.is_layer else []:
            yield relative(patch), wrong_layer(task, patch)


def wrong_layer(task: Exercise, patch: Path) -> str:
    try:
        build = swapped("asan", task, patched(patch, layer_files(task)))
    except Trouble as trouble:
        return str(trouble)
    whole = f"lesson-{task.lesson.number}"
    if "gate: cost" in header(patch):
        behaviour = built_and_run(build, whole, "-tse=cost")
        if behaviour.code:
            return f"Its behaviour should be right:\n{behaviour.output}"
        return refuted(patch, run_tests(build, whole, "-ts=cost"))
    for program in [*parts(task, patch), whole]:
        run = built_and_run(build, program, "-tse=cost")
        if run.code:
            break
    return refuted(patch, run)


def parts(task: Exercise, patch: Path) -> Iterator[str]:
    """Those of the lesson's tests that should be enough to find out a wrong layer: the ones that a
    learner's layer has to pass before all others, or else the file with the test expected to fail."""
    if task.lesson.has_first_tests:
        yield f"lesson-{task.lesson.number}-first"
    yield from finders(task, patch)


def finders(task: Exercise, patch: Path) -> list[str]:
    """The programs with those tests that are expected to fail."""
    files = tests(task.lesson.folder / "tests")
    return sorted({f"lesson-{task.lesson.number}.{files[text].stem}" for text in expected(patch) if text in files})


# --- Planted bugs


def bugs() -> list[tuple[Exercise, Path]]:
    """Bugs that may only show on several threads: patches of a layer in its tests/planted/, which
    expect that a stress test fails."""
    return [(task, patch) for task in layers()
            for patch in sorted(task.lesson.folder.glob("tests/planted/*.patch"))]


def planted(bugs: list[tuple[Exercise, Path]]) -> Iterator[Finding]:
    """Do the stress tests find each, with the thread sanitizer?"""
    for task, patch in bugs:
        yield relative(patch), missed(task, patch)


def missed(task: Exercise, patch: Path) -> str:
    """What is wrong with the way in which a planted bug is found. Chance decides how soon it is."""
    programs = finders(task, patch)
    if len(programs) != 1:
        return "It should begin with `expect: ` and the name of one test."
    try:
        build = swapped("tsan", task, patched(patch, layer_files(task)))
    except Trouble as trouble:
        return str(trouble)
    test = expected(patch)[0].replace(",", "?")  # a comma would begin another name
    for seed in range(1, PATIENCE, ROUNDS):
        run = built_and_run(build, *programs, f"-tc={test}", "-aa=1",
                            NARA_STRESS_SEED=str(seed), NARA_STRESS_ROUNDS=str(ROUNDS))
        if run.code:
            break
    return refuted(patch, run)


# --- Layers


def layers() -> list[Exercise]:
    return [task for task in exercises() if task.is_layer]


def layer_files(task: Exercise) -> dict[str, str]:
    """The files of the lesson that a learner may replace."""
    lesson = task.lesson.folder
    return {str(path.relative_to(lesson)): read(path) for part in ("include", "src")
            for path in sorted((lesson / part).glob("**/*.?pp"))}


def swapped(preset: str, task: Exercise | None = None, files: dict[str, str] = {}) -> Build:
    """A build in which all layers are the learner's: copies of the lessons', but for these files of
    the task's.

    Why all: what stands on them is compiled once, and not once for each. What a change of one layer
    does not touch is still there when the next is tried."""
    for layer in layers():
        put(layer.work, layer_files(layer) | (files if layer == task else {}))
    return checked(preset, tuple(layer.lesson.number for layer in layers()))


def swap(tasks: list[Exercise]) -> Iterator[Finding]:
    """Do a layer's own tests pass when it is slow but right, and does its starter fail as announced?"""
    for task in tasks:
        for patch in patches(task, "slow"):
            yield from findings(relative(patch), slow_layer(task, patch))
        first = "-first" * task.lesson.has_first_tests
        starter = swapped("asan", task, {name: read(task.folder / name) for name in task.files})
        yield f"starter of {task}", announced(task, starter, f"lesson-{task.lesson.number}{first}")


def slow_layer(task: Exercise, patch: Path) -> Run:
    try:
        build = swapped("asan", task, patched(patch, layer_files(task)))
    except Trouble as trouble:
        return Run(1, str(trouble))
    return built_and_run(build, f"lesson-{task.lesson.number}", "-tse=cost")
