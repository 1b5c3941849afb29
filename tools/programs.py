"""Builds and runs programs for a learner, and says in a sentence how that ended."""

import os
import re
import signal
import subprocess
import sys
from collections import deque
from dataclasses import dataclass

import course
from course import ROOT, WORK, Build, BuildFailed, Exercise, Trouble, relative, status
from progress import hole

SANITIZER, TODO, HANG = 86, 77, 124  # exit codes of test programs; that of a failed check is 1
KEPT = 300  # lines of a test program's output
SHOWN = 40  # lines of the compiler's


@dataclass
class Run:
    """A test program that has ended."""

    code: int
    output: str

    @property
    def passed(self) -> int:
        """How many tests passed, by the program's last line."""
        report = re.search(r"^(\d+) passed, \d+ failed\n\Z", self.output, re.M)
        return int(report[1]) if report else 0

    @property
    def is_green(self) -> bool:
        """A program that ended before its tests did has passed none."""
        return self.code == 0 and self.passed > 0


def attempt(exercise: Exercise, build: Build, program: str, *options: str) -> Run:
    """Builds the program with the learner's files and runs it. Raises Trouble unless it passes."""
    compile_for(exercise, build, program)
    run = run_tests(build, program, *options)
    print(re.sub(r"\n\d+ passed, 0 failed\n\Z", "", run.output), end="")
    if not run.is_green:
        raise Trouble(verdict(exercise, run))
    return run


def compile_for(exercise: Exercise, build: Build, target: str) -> None:
    """Builds the target, and shows what the compiler has to say to the learner."""
    try:
        show(build.build(target))
    except BuildFailed as failure:
        lines = str(failure).splitlines()
        print("\n".join(lines[:SHOWN]))
        if len(lines) > SHOWN:
            print(f"... and {len(lines) - SHOWN} lines more, in {relative(build.log)}")
        raise Trouble(f"{exercise} does not build yet.{first_place(str(failure))}") from None


def run_tests(build: Build, program: str, *options: str) -> Run:
    """Runs a test program to its end, and keeps the last lines of what it prints."""
    status(f"Running {program}")
    with subprocess.Popen([build.program(program), *options], encoding="utf-8", errors="replace",
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=ROOT,
                          env=watched(f"handle_abort=1:handle_sigill=1:exitcode={SANITIZER}")) as process:
        output = "".join(deque(process.stdout, maxlen=KEPT))
    status()
    return Run(process.returncode, calm(output))


def watched(options: str) -> dict[str, str]:
    """The environment of a program that a sanitizer may have to end."""
    options = f"{os.environ.get('ASAN_OPTIONS', '')}:print_legend=0:strip_path_prefix={ROOT}/:{options}"
    return os.environ | {"ASAN_OPTIONS": options}


def calm(output: str) -> str:
    """What a test program prints, without what only those need who write sanitizers: bytes,
    registers, addresses of code, calls within the standard library, and very deep stacks."""
    ours = "|".join(["lessons", "exercises", "solutions", "tools", "runtime", re.escape(relative(WORK))])
    for noise in [r"^(Shadow bytes|==\d+==Register values)(.*\n)*?(?===\d+==ABORTING)",
                  rf"^ +#\d+ (?!.* ({ours})/).*\n", r"^ +#([3-9]\d|\d{3,}) .*\n",
                  r"(?<=\d )0x\w+ in ", r" \(BuildId: \w+\)"]:
        output = re.sub(noise, "", output, flags=re.M)
    return output.replace(f"{ROOT}/", "")


def run_all(build: Build, programs: list[str]) -> int:
    """Builds and runs test programs. Returns how many tests passed; raises Trouble if one failed."""
    build.build(*programs)
    runs = {program: run_tests(build, program) for program in programs}
    for program, run in runs.items():
        if not run.is_green:
            print(run.output, end="")
            raise Trouble(f"{program} does not pass.")
    return sum(run.passed for run in runs.values())


def lesson_tests(since: str = "") -> list[str]:
    """The test programs of the lessons from that one on. (`01+` is after 01 and before 02.)"""
    return [f"lesson-{lesson.number}" for lesson in course.lessons()
            if lesson.has_tests and lesson.number >= since]


def solutions(since: str = "") -> list[str]:
    return [f"{exercise.id}.solution" for exercise in course.exercises()
            if not exercise.is_layer and exercise.id >= since]


def run_everything(build: Build) -> int:
    """Builds and runs all tests that ctest knows. Returns their number; raises Trouble if one failed."""
    show(build.build())
    status("Running the tests")
    command = ["ctest", "-j", str(len(os.sched_getaffinity(0)))]
    command += ["--output-on-failure", "--no-tests=error", "--no-label-summary"]
    ctest = subprocess.run(command, cwd=build.folder, encoding="utf-8", errors="replace",
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    status()
    if ctest.returncode:
        passing = r"^(Test project | +Start +\d+: | *\d+/\d+ Test +#\d+: .* Passed ).*\n"
        raise Trouble(re.sub(passing, "", ctest.stdout, flags=re.M).strip())
    return int(re.search(r"out of (\d+)", ctest.stdout)[1])


def verdict(exercise: Exercise, run: Run) -> str:
    """The closing sentence when the tests of an exercise did not pass."""
    help = f"make hint E={exercise.id}"
    where = first_place(run.output)
    if run.code == TODO:
        reached = re.search(r"^TODO\(.*?\): (.*)$", run.output, re.M)
        return f"{exercise} is waiting for you: {hole(exercise, reached[1])}. {help} helps."
    if run.code == HANG:
        return f"{exercise} hangs: it was stopped when its time was over. {help}"
    if run.code == SANITIZER:
        return f"{exercise}: not yet. The error above ended it.{where} {help}"
    if run.code < 0:
        return f"{exercise} crashed with {signal.Signals(-run.code).name}.{where} {help}"
    if not re.search(r"^\d+ passed, \d+ failed$", run.output, re.M):
        return f"{exercise}: not yet. The program ended before its tests did, as by exit(). {help}"
    return f"{exercise}: not yet. {help}"


def first_place(text: str) -> str:
    """Which line of the learner's a report or a compiler names first."""
    place = re.search(rf"{re.escape(relative(WORK))}/[\w./-]+:\d+", text)
    return f" The first line of yours above is {place[0]}." if place else ""


def run_in_foreground(build: Build, program: str) -> int:
    """Runs a program that a person talks to. On a terminal it gets Ctrl-C alone: it may end in its
    own way, and make does not notice."""
    us = os.getpgrp()
    if not sys.stdin.isatty() or os.tcgetpgrp(0) != us:
        return subprocess.run([build.program(program)], cwd=ROOT, env=watched("")).returncode
    child = subprocess.Popen([build.program(program)], cwd=ROOT, env=watched(""), process_group=0)
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # else nobody in the background may do this:
    os.tcsetpgrp(0, child.pid)
    stopped = True
    while stopped:  # by Ctrl-Z, or because it read from the terminal too early
        os.kill(child.pid, signal.SIGCONT)
        stopped = os.WIFSTOPPED(how := os.waitpid(child.pid, os.WUNTRACED)[1])
    os.tcsetpgrp(0, us)
    code = child.returncode = os.waitstatus_to_exitcode(how)
    if code == -signal.SIGINT:
        print()  # the terminal has shown ^C
        return 0
    return code


def show(text: str) -> None:
    print(text + "\n" * bool(text), end="", flush=True)


def paint(color: int, text: str) -> str:
    plain = "NO_COLOR" in os.environ or not sys.stdout.isatty()
    return text if plain else f"\033[{color}m{text}\033[0m"


def green(text: str) -> str:
    return paint(32, text)


def bold(text: str) -> str:
    return paint(1, text)
