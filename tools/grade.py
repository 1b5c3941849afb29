#!/usr/bin/env python3
"""Says what of somebody's work passes: `make grade`. Writes build/grade/grade.json and junit.xml.

    grade.py                  everything in work/
    grade.py --lesson 01      of it, what belongs to a lesson
    grade.py --work PLACE     the work of somebody else: a folder, or an archive of one (tar, zip)

The exit code is 0 when all core exercises pass: those of the lesson, or of all lessons up to the last
in which something was done. It is 1 when they do not, and 2 when the command means nothing.

What is graded is a copy, in build/grade/work. Nothing in the place itself is ever written.
"""

import argparse
import fcntl
import functools
import json
import os
import re
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
GIVEN = os.environ.get("NARA_WORK") or ROOT / "work"
HERE = Path(os.environ.get("NARA_BUILD") or ROOT / "build").absolute() / "grade"
os.environ |= {"NARA_BUILD": str(HERE), "NARA_WORK": str(HERE / "work")}  # course.py reads them

import course  # noqa: E402
from course import Build, Exercise, Mistake, Trouble, relative, status  # noqa: E402
from programs import Run, beginning, bold, green, run_tests, unbuilt, verdict  # noqa: E402
from progress import Progress, changes, give_missing, is_untouched  # noqa: E402
from proofs import faults  # noqa: E402
from submission import submitted  # noqa: E402
from texts import put  # noqa: E402

JSON, JUNIT = HERE / "grade.json", HERE / "junit.xml"
LIMIT = 60  # seconds for all tests of a program


@dataclass
class Grade:
    """How an exercise went."""

    exercise: Exercise
    hints: int = 0
    result: str = "not begun"
    passed: int = 0  # tests, of
    tests: int = 0
    medal: bool | None = None  # the second one, of a layer that passes
    seconds: float = 0
    sentence: str = ""  # what the learner has to hear, and
    output: str = ""  # to see

    @property
    def is_passed(self) -> bool:
        return self.result == "passed"

    def __str__(self) -> str:
        return f"{self.result}, 2nd medal" if self.medal else self.result


# --- The tests


class Grader:
    """Runs the tests of the course on the copy. How they go on the course's own answers is the measure."""

    def __init__(self, exercises: list[Exercise]):
        self.course = Build("asan")
        self.records = Progress().records
        programs = [exercise.id for exercise in exercises if not exercise.is_layer and is_begun(exercise)]
        if programs:
            self.course.build(*(f"{id}.solution" for id in programs))
        self.unbuilt = faults(self.course, [f"{id}.work" for id in programs])

    def grade(self, exercise: Exercise) -> Grade:
        grade, start = Grade(exercise), time.monotonic()
        if is_begun(exercise):
            grade.hints = self.records[exercise.id].hints if exercise.id in self.records else 0
            if exercise.is_layer:
                self.try_layer(grade)
            else:
                self.try_program(grade, self.course, f"{exercise.id}.work", f"{exercise.id}.solution")
            grade.seconds = time.monotonic() - start
        return grade

    def try_layer(self, grade: Grade) -> None:
        """The two gates of a layer. (What stands above it does not count: to build that takes too long.)"""
        number = grade.exercise.lesson.number
        build, lesson = Build("asan", mine=(number,)), f"lesson-{number}"
        self.unbuilt = faults(build, [lesson])
        self.try_program(grade, build, lesson, lesson, "-tse=cost")
        if grade.is_passed:
            own = self.own(lesson, "-ts=cost")
            run = tested(build, lesson, own, "-ts=cost")
            grade.medal = is_genuine(run, own)
            grade.output = "" if grade.medal else plain(run.output)

    def try_program(self, grade: Grade, build: Build, program: str, twin: str, *options: str) -> None:
        """Runs the tests of a program. Its twin has the same tests, of the course's own answers."""
        own = self.own(twin, *options)
        grade.tests = len(own.tests)
        if program in self.unbuilt:
            said = self.unbuilt[program]
            grade.result, grade.output = "does not build", plain(beginning(said, build))
            grade.sentence = plain(unbuilt(grade.exercise, said))
            return
        run = tested(build, program, own, *options)
        grade.result, grade.passed = run.result, sum(run.tests[test] is not None for test in own.tests)
        if not run.is_green:
            grade.sentence, grade.output = plain(verdict(grade.exercise, run)), plain(run.output)
        elif not is_genuine(run, own):
            grade.result = "failed"
            grade.sentence = f"{grade.exercise}: not yet. Some tests were left out, or have checked nothing."

    @functools.cache
    def own(self, program: str, *options: str) -> Run:
        """The tests of a program of the course's own."""
        self.course.build(program)
        run = run_tests(self.course, program, *options)
        if not run.is_green:
            raise Trouble(f"{run.output}\n{program} is the course's own, and does not pass here. Try `make test`.")
        return run


def tested(build: Build, program: str, own: Run, *options: str) -> Run:
    """Runs the tests. When one of them ends the program, those after it get a run of their own."""
    end = time.monotonic() + LIMIT
    run = run_tests(build, program, *options, limit=LIMIT)
    while left := [test for test in own.tests if test not in run.tests]:
        run.is_complete, later = False, {}
        if (seconds := end - time.monotonic()) > 0:
            later = run_tests(build, program, f"-tc={','.join(map(pattern, left))}", limit=seconds).tests
        begun = {test: later[test] for test in left if test in later}
        run.tests |= begun or {left[0]: None}
    return run


def pattern(test: str) -> str:
    """For doctest, where a comma would end a pattern. A question mark matches it, too."""
    return re.sub(r"[,\\]", "?", test)


def is_genuine(run: Run, own: Run) -> bool:
    """Have all tests of the course passed, and really checked something?"""
    return run.is_green and all(run.tests[test] or own.tests[test] == 0 for test in own.tests)


def plain(text: str) -> str:
    """With the names that the learner knows, and without what XML cannot hold."""
    text = text.replace(relative(course.WORK), "work")
    return re.sub("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "?", text)


# --- What is graded


def take(place: Path) -> list[str]:
    """Makes the copy. Returns what has to be said about it."""
    files, left_out = submitted(place, course.exercises())
    put(course.WORK, files)
    notes = [] if files else [f"There is nothing of an exercise in {place}."]
    if left_out:
        notes.append(f"Left out, for it could stand in for something of the course: {some(left_out)}.")
    handed_in = {name.partition("/")[0] for name in files}
    for exercise in course.exercises():
        if exercise.folder.name in handed_in and (missing := give_missing(exercise)):
            notes.append(f"Missing in {exercise.id}, and taken from the starter: {some(missing)}.")
    return notes


def is_begun(exercise: Exercise) -> bool:
    """A starter as it was given is not."""
    return (exercise.work / exercise.files[0]).exists() and not is_untouched(exercise)


def asked(number: str) -> list[Exercise]:
    """Those of the lesson, or of all lessons up to the last in which something was done."""
    lessons = {lesson.number: lesson.exercises for lesson in course.lessons() if lesson.exercises}
    if number and number not in lessons:
        raise Mistake(f"There is no lesson {number}. There are: {', '.join(lessons)}.")
    begun = [lesson for lesson in lessons if any(map(is_begun, lessons[lesson]))]
    last = max(begun, default=min(lessons))
    return [exercise for lesson in lessons for exercise in lessons[lesson]
            if lesson == number or not number and lesson <= last]


def note_changes() -> list[str]:
    """What is not as it was published, of the course that everything here is measured by."""
    since, changed = changes(ROOT)
    if not since:
        return ["This is no git repository, so nobody knows whether the course has been changed here."]
    return [f"The course has been changed here since {since}: {some(changed)}."] if changed else []


def some(names: list[str], shown: int = 5) -> str:
    more = f", and {len(names) - shown} more" if len(names) > shown else ""
    return ", ".join(names[:shown]) + more


# --- Reports


def table(grades: list[Grade]) -> str:
    lines = [bold(f"{'exercise':30} {'level':8} {'result':18} {'tests':>8} {'hints':>7} {'time':>9}")]
    for grade in grades:
        line = f"{grade.exercise!s:30} {grade.exercise.level:8} {grade!s:18}"
        if grade.tests:
            line += f" {f'{grade.passed}/{grade.tests}':>8} {grade.hints:7} {grade.seconds:7.1f} s"
        lines.append(green(line) if grade.is_passed else line.rstrip())
    return "\n".join(lines)


def summary(grades: list[Grade]) -> str:
    core = [grade.is_passed for grade in grades if grade.exercise.level == "core"]
    every = [grade.is_passed for grade in grades]
    return (f"{sum(core)} of {len(core)} core exercises pass, {sum(every)} of {len(every)} in all; "
            f"hints: {sum(grade.hints for grade in grades)}")


def as_json(grade: Grade) -> dict:
    exercise = grade.exercise
    return {"id": exercise.id, "title": exercise.title, "lesson": exercise.lesson.number, "level": exercise.level,
            "result": grade.result, "medal": grade.medal, "passed": grade.passed, "tests": grade.tests,
            "hints": grade.hints, "seconds": round(grade.seconds, 1), "sentence": grade.sentence}


def junit(grades: list[Grade]) -> ElementTree.ElementTree:
    """What GitHub, GitLab and Jenkins read: a lesson is a suite, an exercise is a case."""
    root = ElementTree.Element("testsuites", name="nara")
    for name in dict.fromkeys(grade.exercise.lesson.folder.name for grade in grades):
        suite = ElementTree.SubElement(root, "testsuite", name=name)
        here = [grade for grade in grades if grade.exercise.lesson.folder.name == name]
        for grade in here:
            case = ElementTree.SubElement(suite, "testcase", classname=name, name=str(grade.exercise),
                                          time=f"{grade.seconds:.1f}")
            if not grade.tests:
                ElementTree.SubElement(case, "skipped", message=grade.result)
            elif not grade.is_passed:
                failure = ElementTree.SubElement(case, "failure", message=grade.sentence, type=grade.result)
                failure.text = f"{grade.output}\n{grade.sentence}"
            elif grade.output:
                ElementTree.SubElement(case, "system-out").text = grade.output
        suite.attrib |= {"tests": str(len(here)), "failures": str(len(suite.findall("*/failure"))), "errors": "0",
                         "skipped": str(len(suite.findall("*/skipped"))),
                         "time": f"{sum(grade.seconds for grade in here):.1f}"}
    ElementTree.indent(root)
    return ElementTree.ElementTree(root)


def run(place: Path, lesson: str) -> int:
    for report in JSON, JUNIT:
        report.unlink(missing_ok=True)  # whatever happens now, nobody reads that of somebody else
    notes = take(place) + note_changes()
    exercises = asked(lesson)
    grades = list(map(Grader(exercises).grade, exercises))
    passes = all(grade.is_passed for grade in grades if grade.exercise.level == "core")
    facts = {"work": str(place), "passes": passes, "summary": summary(grades), "notes": notes}
    text = json.dumps(facts | {"exercises": list(map(as_json, grades))}, indent=2, ensure_ascii=False)
    JSON.write_text(f"{text}\n", encoding="utf-8")
    junit(grades).write(JUNIT, encoding="utf-8", xml_declaration=True)
    print(table(grades), *notes, summary(grades), sep="\n")
    return 0 if passes else 1


def main() -> int:
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lesson", default="")
    parser.add_argument("--work", default="")
    options = parser.parse_args()
    HERE.mkdir(parents=True, exist_ok=True)
    try:
        with open(HERE / "lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # one at a time: they share the folder
            return run(Path(options.work or GIVEN).expanduser().absolute(), options.lesson)
    except KeyboardInterrupt:
        status()
        return 130
    except (Trouble, OSError) as trouble:
        sys.stdout.flush()
        print(trouble, file=sys.stderr)
        return getattr(trouble, "exit_code", 1)


if __name__ == "__main__":
    sys.exit(main())
