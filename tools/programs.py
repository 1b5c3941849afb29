"""Builds and runs programs for a learner, and says in a sentence how that ended."""

import contextlib
import os
import re
import select
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

import course
from course import ROOT, WORK, Build, BuildFailed, Exercise, Trouble, relative, status
from progress import hole

# Exit codes of test programs, as in tools/testkit; that of a failed check is 1.
TODO, SANITIZER, LEAKED, FORGOTTEN, STUCK, HUNG = 77, 86, 87, 121, 122, 124
LIMIT = 600  # seconds for a test program; a single test has 10, and its watchdog to see to that
MEMORY = 2000  # MiB
KEPT = 300, 1 << 18  # lines and bytes of a test program's output
SHOWN = 40  # lines of the compiler's


@dataclass
class Run:
    """A test program that has ended. What counts is not what it prints, which anybody can, but the
    report that doctest has written: of each test how many checks held, or None if the test failed."""

    code: int
    output: str
    tests: dict[str, int | None] = field(default_factory=dict)
    is_complete: bool = False  # Did the program end after its tests, and not before?

    @property
    def passed(self) -> int:
        return sum(checks is not None for checks in self.tests.values())

    @property
    def is_green(self) -> bool:
        return self.code == 0 and self.is_complete and 0 < self.passed == len(self.tests)

    @property
    def result(self) -> str:
        """In a word."""
        if self.is_green:
            return "passed"
        if self.code < 0 or self.code == SANITIZER:
            return "crashes"
        if self.code in (FORGOTTEN, STUCK, HUNG):
            return "hangs"
        return "todo" if self.code == TODO else "failed"


def attempt(exercise: Exercise, build: Build, program: str, *options: str) -> Run:
    """Builds the program with the learner's files and runs it. Raises Trouble unless it passes."""
    compile_for(exercise, build, program)
    run = run_tests(build, program, *options)
    print(re.sub(r"\n\d+ passed, 0 failed\n\Z", "", run.output), end="")
    if run.passed and not run.is_complete:
        print(f"\n{run.passed} test{'s' * (run.passed != 1)} passed before this one.")
    if not run.is_green:
        raise Trouble(verdict(exercise, run))
    return run


def compile_for(exercise: Exercise, build: Build, target: str) -> None:
    """Builds the target, and shows what the compiler has to say to the learner."""
    try:
        show(build.build(target))
    except BuildFailed as failure:
        raise Trouble(f"{beginning(str(failure), build)}\n{unbuilt(exercise, str(failure))}") from None


def beginning(said: str, build: Build) -> str:
    """The first of what a compiler says: the rest often follows from it."""
    lines = said.splitlines()
    if len(lines) > SHOWN:
        lines[SHOWN:] = [f"... and {len(lines) - SHOWN} lines more, in {relative(build.log)}"]
    return "\n".join(lines)


def unbuilt(exercise: Exercise, said: str) -> str:
    """The closing sentence when the files of an exercise do not compile."""
    return f"{exercise} does not build yet.{first_place(said)}"


def run_tests(build: Build, program: str, *options: str, limit: float = LIMIT, **environment: str) -> Run:
    """Runs a test program to its end, or for so many seconds; whatever it has started ends with it."""
    status(f"Running {program}")
    enders = f"handle_abort=1:handle_sigill=1:exitcode={SANITIZER}:hard_rss_limit_mb={MEMORY}"
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        command = [build.program(program), "-r=xml", f"-o={report}", *options]
        with subprocess.Popen(command, cwd=ROOT, env=watched(enders) | environment, start_new_session=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
            try:
                output = last_output(process, time.monotonic() + limit)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
        tests, is_complete = reported(report.read_bytes() if report.exists() else b"")
    status()
    lines = calm(output).splitlines(keepends=True)[-KEPT[0]:]
    return Run(process.returncode, "".join(lines), tests, is_complete)


def last_output(process: subprocess.Popen, deadline: float) -> str:
    """The end of what the process prints until it ends itself, or is ended at the deadline."""
    output = b""
    while (left := deadline - time.monotonic()) > 0:
        if select.select([process.stdout], [], [], min(left, 0.1))[0]:
            if not (part := os.read(process.stdout.fileno(), 1 << 16)):
                break
            output = (output + part)[-KEPT[1]:]
        if process.poll() is not None:  # what it has started may hold on to the pipe for ever
            deadline = min(deadline, time.monotonic() + 1)
    try:
        process.wait(max(left, 0.1))
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        process.returncode = HUNG
    return output.decode(errors="replace")


def reported(report: bytes) -> tuple[dict[str, int | None], bool]:
    """The tests that have begun, by doctest's XML, and whether all of it is there. If not, the last
    test has ended the program."""
    tests, name, is_complete = {}, "", False
    parser = ElementTree.XMLPullParser(["start", "end"])
    with contextlib.suppress(ElementTree.ParseError, ValueError):  # somebody has tampered with it
        parser.feed(report)
        for event, element in parser.read_events():
            if element.tag == "TestCase" and "skipped" not in element.attrib:
                name = element.get("name", "")
                tests[name] = None
                ended = element.find("OverallResultsAsserts")
                if ended is not None and ended.get("test_case_success") == "true":
                    tests[name] = int(ended.get("successes", ""))
            is_complete = (event, element.tag) == ("end", "doctest")
    if tests and not is_complete:
        tests[name] = None
    return tests, is_complete


def watched(options: str) -> dict[str, str]:
    """The environment of a program that a sanitizer may have to end."""
    options = f"{os.environ.get('ASAN_OPTIONS', '')}:print_legend=0:strip_path_prefix={ROOT}/:{options}"
    return os.environ | {"ASAN_OPTIONS": options}


def calm(output: str) -> str:
    """What a test program prints, without what only those need who write sanitizers: bytes,
    registers, addresses of code, calls within the standard library, and very deep stacks."""
    ours = "|".join(["lessons", "exercises", "solutions", "tools", "runtime", re.escape(relative(WORK))])
    for noise in [r"^(Shadow bytes|==\d+==Register values)(.*\n)*?(?===\d+==ABORTING)",
                  r"^==\d+==Process memory map(.*\n)*?==\d+==End of process memory map\.\n",
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
    show(build.build("tests"))
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
    if run.code == FORGOTTEN:
        return f"{exercise}: not yet. A task waits that nobody will ever wake. {help}"
    if run.code == STUCK:
        return f"{exercise}: not yet. Every task sleeps, and nobody is left to wake one. {help}"
    if run.code == LEAKED:
        return f"{exercise}: not yet. What the sanitizer lists above was never freed.{where} {help}"
    if run.code == HUNG:
        return f"{exercise} hangs: it was stopped when its time was over. {help}"
    if run.code == SANITIZER:
        return f"{exercise}: not yet. The error above ended it.{where} {help}"
    if run.code < 0:
        return f"{exercise} crashed with {signal.Signals(-run.code).name}.{where} {help}"
    if not run.is_complete:
        return f"{exercise}: not yet. The program ended before its tests did, as by exit(). {help}"
    return f"{exercise}: not yet. {help}"


def first_place(text: str) -> str:
    """Which line of the learner's a report or a compiler names first, besides those that include,
    and those in the name of a lambda."""
    text = re.sub(r"^(In file included)? +from .*\n", "", text, flags=re.M)
    place = re.search(rf"(?<!\(lambda at ){re.escape(relative(WORK))}/[\w./-]+:\d+", text)
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
