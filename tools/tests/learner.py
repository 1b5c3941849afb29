#!/usr/bin/env python3
"""Tests of the learner's commands: plays somebody who begins, makes mistakes, and gets through 01-1.

The commands get a work folder and a build folder of their own, in build/learner. Prints a line for
each test, and at the end `N passed, N failed`.
"""

import itertools
import re
import shlex
import signal
import socket
import subprocess
import sys
import time

from pretend import ROOT, another_learner, main, test, typed

HERE = ROOT / "build/learner"
WORK = HERE / "work"
FILE = WORK / "01-1-countdown/countdown.hpp"
STATE = WORK / "02-layer/include/nara/detail/task_state.hpp"
SOLUTION = ROOT / "solutions/01-futures/01-1-countdown/countdown.hpp"
FIRST_VIEW = (r"Set-up works\. Next: 01-1 Countdown, 10 min\. Open \S*work/01-1-countdown/countdown\.hpp:\d+, "
              r"then: make 01-1\. It is red now; that is your start\.\n")


def make(*words: str, code: int, says: str) -> str:
    """Types a command of the course. (The exit code of make is 2 for every failure.)"""
    return typed("make", *words, by=another_learner(WORK, HERE), code=code, says=says)


def with_body(body: str) -> None:
    """Writes countdown.hpp with that body of poll()."""
    hole = r"    // BEGIN SOLUTION\n.*?// END SOLUTION\n"
    FILE.write_text(re.sub(hole, lambda _: body + "\n", SOLUTION.read_text(), flags=re.S))


SOLVED = "if (left_ == 0) return nara::kReady; --left_; context.waker().wake_by_ref(); return nara::kPending;"


@test("what takes longer than a moment is said: on a terminal, or else in a line")
def _():
    takes_longer = ("import sys, threading; sys.path.append('tools'); import course; course.MOMENT = 0.01\n"
                    "with course.busy('Building it'):\n for thread in threading.enumerate()[1:]: thread.join()")
    command = [sys.executable, "-c", takes_longer]
    typed(*command, by=another_learner(WORK, HERE), code=0, says=r"\ABuilding it \.\.\.\n\Z")
    typed("script", "-qec", shlex.join(command), "/dev/null", by=another_learner(WORK, HERE), code=0,
          says=r"Building it(?! \.)")


@test("the first view says where to start, and the start is red")
def _():
    make("learn", code=0, says=FIRST_VIEW)
    make("01-1", code=2, says=r"TODO\(01-1\): .*\n01-1 Countdown is waiting for you: \S+countdown\.hpp:\d+\.")


@test("unknown names are refused with the nearest one, and what is missing with an example")
def _():
    make("01-9", code=2, says=r"There is no exercise 01-9\. Did you mean 01-\w+\?")
    make("hnit", code=2, says="Did you mean make hint")
    make("hint", code=2, says="make hint E=01-1")
    make("demo", "D=01-lasy", code=2, says="There is no demo 01-lasy. Did you mean 01-lazy")
    make("lesson", "N=77", code=2, says="There is no lesson 77")
    make("swap", "LAYERS=01", code=2, says="You have no layer 01 yet")
    make("run", "E=01-layer", code=2, says="is no program to run")


@test("a syntax error shows the compiler's words and the line, and no command lines")
def _():
    with_body("return nara::kPending")
    said = make("01-1", code=2, says=r"countdown\.hpp:\d+:\d+: error: .*(\n.*)*does not build yet")
    assert "-std=" not in said, said


@test("an error within a template is said to be where the learner uses it, not where it is included, or a lambda was written")
def _():
    with_body("auto give = [](nara::Context&) { return 7; };\n"
              "auto wrong = nara::poll_fn(give); return nara::kPending;")
    line = 1 + FILE.read_text().partition("wrong =")[0].count("\n")
    make("01-1", code=2, says=rf"from \S+countdown\.hpp:(.*\n)*.*first line of yours above is \S+countdown\.hpp:{line}\.")


@test("an error within the standard library is shown without the way to it through a precompiled header")
def _():
    with_body("std::optional<std::nullopt_t> wrong; return nara::kPending;")
    said = make("01-1", code=2, says=r"/optional:\d+:\d+: error: (.*\n)*.*does not build yet")
    assert "pch" not in said, said


@test("a wrong answer shows the steps, what should be, and what was")
def _():
    with_body("context.waker(); return nara::kReady;")
    make("01-1", code=2, says=r"1\. make a countdown(.*\n)*.*<- here\n *should be: .*\n *but was: .*(\n.*)*not yet")


@test("a poll that spins is ended, and said to hang")
def _():
    with_body("if (left_ == 0) return nara::kReady; for (volatile bool spin = true; spin;) {} return nara::kPending;")
    make("01-1", code=2, says="still running after 10 s(.*\n)*\n1 test passed before this one.\n.*hangs")


@test("a crash is shown with the learner's line and the steps")
def _():
    with_body("return *static_cast<volatile int*>(nullptr) ? nara::Poll<void>(nara::kReady) : nara::kPending;")
    make("01-1", code=2, says=r"<- here\n(.*\n)*.*The first line of yours above is \S+countdown\.hpp:\d+")


@test("a program that ends before its tests do has not passed")
def _():
    with_body("std::exit(0);")
    make("01-1", code=2, says="ended before its tests did")


@test("hints come one after the other, and the solution when one insists")
def _():
    for number in (1, 2, 3, 3):
        make("hint", "E=01-1", code=0, says=f"This was hint {number} of 3")
    make("solution", "E=01-1", code=2, says="is for afterwards")
    make("solution", "E=01-1", "FORCE=0", code=2, says="is for afterwards")
    make("solution", "E=01-1", "FORCE=1", code=0, says="wake_by_ref")


@test("the right answer passes, says what is next, and is remembered")
def _():
    with_body(SOLVED)
    make("01-1", code=0, says=r"01-1 Countdown: \d tests passed in .*\n(.*\n)*Next: 01-2 Combinators")
    assert re.search(r"^01-1 +passed", (WORK / "progress.txt").read_text(), re.M)
    make("progress", code=0, says="01-1 +Countdown .* passed")
    make("solution", "E=01-1", code=0, says="wake_by_ref")
    make("run", "E=01-1", code=0, says="Lift-off")


@test("what a program has started ends with it")
def _():
    with_body(f'if (left_ == 2) (void)std::system("sleep 100 &"); {SOLVED}')
    start = time.monotonic()
    make("01-1", code=0, says="tests passed")
    assert time.monotonic() - start < 60


@test("reset gives the starter anew, and keeps what was there")
def _():
    make("reset", "E=01-1", code=0, says="is new again. What you had is in")
    assert "todo(" in FILE.read_text()
    assert any("wake_by_ref" in path.read_text() for path in WORK.glob("backup/*/countdown.hpp"))
    make("reset", "E=01-1", code=0, says="untouched")


@test("reset works without a line in the progress file, too")
def _():
    with_body(SOLVED)
    (WORK / "progress.txt").unlink()
    make("reset", "E=01-1", code=0, says="is new again. What you had is in")
    make("reset", "E=01-1", code=0, says="untouched")


@test("a file that was deleted comes back as the starter's, and it is said")
def _():
    FILE.unlink()
    make("01-1", code=2, says="Missing, and now the starter's again: countdown.hpp")


@test("a damaged progress file is no trouble: its lines stay, and are named")
def _():
    path = WORK / "progress.txt"
    path.write_text(path.read_text() + "scribble\n")
    make("progress", code=0, says="Ignored: line \\d+ .*: scribble")
    make("hint", "E=01-1", code=0, says="This was hint")
    assert "scribble" in path.read_text()


@test("a starter that has changed since is mentioned, and the learner's file stays")
def _():
    path = WORK / "progress.txt"
    path.write_text(re.sub(r"(?m)^(01-1 .*starter )\w+", r"\g<1>00000000", path.read_text()))
    before = FILE.read_text()
    make("01-1", code=2, says="The starter of 01-1 is newer than yours")
    assert FILE.read_text() == before


@test("the first tests of a layer answer before the library is built")
def _():
    make("02-layer", code=2, says=r"TODO\(02-layer\): take\(\) .*\n02-layer The state word is waiting for you: ")
    right = (ROOT / "lessons/02-waker/include/nara/detail/task_state.hpp").read_text()
    STATE.write_text(right.replace("? word | kNotified : word | kScheduled;", "? word : word | kScheduled;"))
    start = time.monotonic()
    make("02-layer", code=2, says=r"a wake while the task is being polled .*(\n.*)*<- here\n(.*\n)*.*not yet\. make hint")
    assert time.monotonic() - start < 10
    assert not any(HERE.glob("asan-mine-02/**/libnara.so"))
    STATE.write_text(right)
    unfinished = WORK / "02-layer/src/park.cpp"
    unfinished.parent.mkdir()
    unfinished.write_text("#error unfinished\n")
    make("02-layer", code=2, says=r"The first \d+ tests passed in (.*\n)*.*park\.cpp.*unfinished(.*\n)*.*does not build yet")


@test("make play opens a chat, and says how to come in where there is no terminal; Ctrl-C ends it")
def _():
    with subprocess.Popen([ROOT / "tools/play.py"], env=another_learner(WORK, HERE), text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as play:
        try:
            says = "".join(itertools.takewhile(lambda line: "Ctrl-C" not in line, play.stdout))
            address = re.search(r"In two other terminals, type:\n\n  make talk A=(127\.0\.0\.1):(\d+)\n", says)
            assert address, says
            with socket.create_connection(address.groups(), timeout=20) as guest:
                welcome = guest.makefile().readline()
                assert welcome == "welcome, client 1; with you: nobody\n", welcome
            play.send_signal(signal.SIGINT)
            assert play.wait(20) == 0, play.returncode
            try:
                socket.create_connection(address.groups(), timeout=20).close()
                raise AssertionError("The chat is still there.")
            except ConnectionRefusedError:
                pass
        finally:
            play.kill()


@test("after set-up, nothing needs a network")
def _():
    if subprocess.run(["unshare", "-n", "true"], capture_output=True).returncode == 0:
        make("offline-check", code=0, says="network")


if __name__ == "__main__":
    sys.exit(main(HERE))
