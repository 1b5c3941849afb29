#!/usr/bin/env python3
"""Tests of `make grade`: three people hand something in. One is done, one is half way, and the files of
the third hang, crash and cheat.

They build in build/graded. Prints a line for each test, and at the end `N passed, N failed`.
"""

import json
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from xml.etree import ElementTree

from pretend import ROOT, another_learner, main, test, typed

import course
from progress import changes
from submission import submitted
from texts import put, read, solved

HERE = ROOT / "build/graded"
TASKS = {exercise.id: exercise for exercise in course.exercises()}
HANGS = "    for (volatile bool spin = true; spin && left_ == 3;) {}\n    if (left_ == 0)"
LEAKS = "    static_cast<void>(new int(1));\n    if (left_ == 0)"
FAKES = ('#include <cstdio>\n#include <cstdlib>\n'
         'inline const int gone = (std::puts("\\n6 passed, 0 failed"), std::exit(0), 1);\n')
BLIND = "\n#undef CHECK\n#undef REQUIRE\n#define CHECK(...)\n#define REQUIRE(...)\n"


def hand_in(name: str, *works: dict[str, str], line: str = "") -> Path:
    """Somebody's folder, with these files in its work/, and a progress file with a line."""
    files = {path: text for work in works for path, text in work.items()}
    put(HERE / name / "work", files | {"progress.txt": f"{line}\n"})
    return HERE / name


def of(id: str, mistake: str = "") -> dict[str, str]:
    """A solved exercise, or one with a mistake of its solution's wrong/."""
    return {f"{TASKS[id].folder.name}/{name}": text for name, text in solved(TASKS[id], mistake).items()}


def edited(id: str, edit, source=None) -> dict[str, str]:
    """The starter's first file after an edit, or another's."""
    name = TASKS[id].files[0]
    return {f"{TASKS[id].folder.name}/{name}": edit(source or read(TASKS[id].folder / name))}


def contents(place: Path) -> dict[Path, tuple[int, bytes]]:
    paths = [path for path in [place, *place.glob("**/*")] if path.is_file()]
    return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in paths}


def graded(place: Path, *options: str, code: int, says: str = "", make: bool = False) -> tuple[str, dict, dict]:
    """Grades it, and sees that it stays as it is. Returns what is said, the exercises in the JSON by
    their ids, and the failures in the XML by the names of exercises."""
    before, build = contents(place), HERE / "build"
    command = ["make", "grade", f"WORK={place}"] if make else ["tools/grade.py", "--work", place]
    said = typed(*command, *options, by=another_learner(HERE / "nobody", build), code=code, says=says)
    assert contents(place) == before, f"{place} has changed"
    facts = json.loads(read(build / "grade/grade.json"))
    assert facts["passes"] == (code == 0) and facts["summary"] in said, facts
    suites = ElementTree.parse(build / "grade/junit.xml").getroot()
    failures = {case.get("name"): case.findtext("failure") for case in suites.iter("testcase")}
    assert len(failures) == len(facts["exercises"]), failures
    return said, {exercise["id"]: exercise for exercise in facts["exercises"]}, failures


def results(exercises: dict) -> dict[str, str]:
    return {id: exercise["result"] for id, exercise in exercises.items() if exercise["result"] != "not begun"}


def expect(found, wanted) -> None:
    assert found == wanted, f"should be {wanted}, but was {found}"


@test("what is done passes, and a layer has its second medal")
def _():
    ids = ["01-1", "01-2", "01-3", "01-4", "01-layer"]
    place = hand_in("done", *map(of, ids), line="01-1      passed       hints 2  starter 00000000")
    said, exercises, failures = graded(place, "LESSON=01", code=0, make=True,
                                       says=r"01-1 Countdown +core +passed +4/4 +2 +[\d.]+ s\n")
    expect(results(exercises), dict.fromkeys(ids, "passed"))
    expect((exercises["01-layer"]["medal"], "passed, 2nd medal" in said), (True, True))
    expect({*failures.values()}, {None})


@test("what is half done does not: each exercise has its result, and shows what the learner would see")
def _():
    layer = of("01-layer")
    del layer["01-layer/include/nara/future.hpp"]
    half = edited("01-3", lambda text: text.replace("for (", "for(", 1) + "\n// begun\n")
    given = edited("01-4", str)
    place = hand_in("half", of("01-1"), of("01-2", "wakes-itself"), half, given, layer,
                    {"01-1-countdown/doctest/doctest.h": "#error found\n"})
    archive = HERE / "half.tar.gz"
    with tarfile.open(archive, "w:gz") as file:
        file.add(place / "work", "fork-main/work")
    said, exercises, failures = graded(archive, code=1, says=r"01-2 Combinators +more +failed +9/10 +0 ")
    expect(results(exercises), {"01-1": "passed", "01-2": "failed", "01-3": "todo", "01-layer": "todo"})
    assert "should not be: future.is_woken()" in failures["01-2 Combinators"], failures
    assert re.search(r"TODO\(01-3\)(.*\n)+.*work/01-3-coroutine/countdown.hpp:\d+", failures["01-3 Coroutine"])
    assert 40 < exercises["01-layer"]["passed"] < exercises["01-layer"]["tests"], exercises["01-layer"]
    for says in ["1 of 2 core exercises pass", "Left out.* 01-1-countdown/doctest/doctest.h",
                 "Missing in 01-layer, .*future.hpp", "01-4 Dangling +more +not begun\n"]:
        assert re.search(says, said), said


@test("a hang, a crash, a program that ends itself, and tests without checks do not pass, nor hide what does")
def _():
    hangs = edited("01-1", lambda text: text.replace("    if (left_ == 0)", HANGS), *of("01-1").values())
    blind = edited("01-2", lambda text: text + BLIND, *of("01-2").values())
    fakes = edited("01-3", lambda text: text.replace("#pragma once\n", f"#pragma once\n{FAKES}"))
    place = hand_in("wild", hangs, blind, fakes, edited("01-4", lambda text: text + "\n// begun\n"))
    archive = HERE / "wild.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in sorted(place.glob("work/**/*")):
            file.write(path, path.relative_to(place))
    said, exercises, failures = graded(archive, "--lesson", "01", code=1, says="0 of 2 core exercises pass")
    expect(results(exercises), {"01-1": "hangs", "01-2": "failed", "01-3": "failed", "01-4": "crashes"})
    expect([exercises[id]["passed"] for id in ("01-1", "01-3")], [3, 0])
    assert "still running after 10 s" in failures["01-1 Countdown"], failures
    assert "have checked nothing" in failures["01-2 Combinators"], failures
    assert "ended before its tests did" in failures["01-3 Coroutine"], failures
    assert "heap-use-after-free" in failures["01-4 Dangling"], failures
    assert "Missing" not in said, said


@test("a task that nobody can wake hangs, however that was noticed")
def _():
    for mistake, says in {"first-waker": "A task waits that nobody will ever wake",
                          "looks-once": "Every task sleeps, and nobody is left to wake one"}.items():
        place = hand_in(mistake, of("02-3", mistake))
        _, exercises, failures = graded(place, "--lesson", "02", code=1, says="02-3 Three broken futures +more +hangs")
        assert says in failures["02-3 Three broken futures"], failures


@test("memory that was never freed is a failure, and is said to be one")
def _():
    leaks = edited("01-1", lambda text: text.replace("    if (left_ == 0)", LEAKS), *of("01-1").values())
    _, exercises, failures = graded(hand_in("leaks", leaks), code=1, says=r"01-1 Countdown +core +failed +\d/4")
    assert "What the sanitizer lists above was never freed." in failures["01-1 Countdown"], failures


@test("what does not compile shows the compiler's words")
def _():
    place = hand_in("broken", edited("01-1", lambda text: text.replace("todo(", "tudu(")), of("01-3"))
    _, exercises, failures = graded(place, code=1, says=r"01-1 Countdown +core +does not build +0/4")
    expect(results(exercises), {"01-1": "does not build", "01-3": "passed"})
    assert re.search(r"^work/01-1-countdown/countdown.hpp:\d+:\d+: error: ", failures["01-1 Countdown"], re.M)


@test("where nothing is begun, nothing passes")
def _():
    _, exercises, _ = graded(hand_in("nothing", edited("01-1", str)), code=1, says="0 of 2 core exercises pass")
    expect({exercise["result"] for exercise in exercises.values()}, {"not begun"})


@test("a folder and an archive of it are the same")
def _():
    expected = submitted(HERE / "half", TASKS.values())
    expect(submitted(HERE / "half/work", TASKS.values()), expected)
    expect(submitted(HERE / "half.tar.gz", TASKS.values()), expected)


@test("a mistake in the command is explained, and leaves no report")
def _():
    by, reports = another_learner(HERE / "nobody", HERE / "build"), [*HERE.glob("build/grade/*.*")]
    expect([path.name for path in sorted(reports)], ["grade.json", "junit.xml"])
    typed("tools/grade.py", "--work", HERE / "half", "--lesson", "77", by=by, code=2,
          says="There is no lesson 77. There are: 01")
    expect([path.exists() for path in reports], [False, False])
    typed("tools/grade.py", "--work", HERE / "nowhere", by=by, code=2, says="There is nothing at .*nowhere")
    typed("tools/grade.py", "--work", __file__, by=by, code=2, says="neither a folder nor an archive")
    (HERE / "damaged.tar.gz").write_bytes((HERE / "half.tar.gz").read_bytes()[:2000])
    typed("tools/grade.py", "--work", HERE / "damaged.tar.gz", by=by, code=2, says="cannot be read")


@test("a change of the course itself is named, a change in work/ is not")
def _():
    fork = HERE / "fork"

    def git(*words: str) -> None:
        me = ["-c", "user.name=me", "-c", "user.email=me@localhost"]
        subprocess.run(["git", *me, *words], cwd=fork, check=True, stdout=subprocess.DEVNULL)

    put(fork, {"tools/a.py": "", "exercises/01-a/tests.cpp": ""})
    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "--message=the course")
    git("update-ref", "refs/remotes/upstream/main", "HEAD")
    put(fork / "work", {"01-1-a/a.hpp": ""})
    expect(changes(fork), ("upstream/main", []))
    (fork / "exercises/01-a/tests.cpp").write_text("// nothing\n")
    git("commit", "--all", "--quiet", "--message=mine")
    put(fork / "cmake", {"a.cmake": ""})
    expect(changes(fork), ("upstream/main", ["exercises/01-a/tests.cpp", "cmake/a.cmake"]))


if __name__ == "__main__":
    sys.exit(main(HERE))
