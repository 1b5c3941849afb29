#!/usr/bin/env python3
"""The learner's commands. `make` calls them: `make hint E=01-1` is `tools/learn.py hint 01-1`."""

import signal

# In silence, please, until main() is there, and whenever nobody reads on (`make progress | head`).
signal.signal(signal.SIGINT, signal.SIG_DFL)
signal.signal(signal.SIGPIPE, signal.SIG_DFL)

import argparse
import re
import sys
import textwrap
import time
from pathlib import Path

import course
from course import Build, Exercise, Mistake, Trouble, pick, relative
from programs import (attempt, bold, compile_for, green, lesson_tests, run_all, run_everything,
                      run_in_foreground, run_tests, solutions)
from progress import Progress, hole, is_edited_starter, is_untouched
from texts import ANSWER, without_markers

START = time.monotonic()

# --- The way through the course


def learn() -> None:
    Build("asan").build("nara", "testkit", "testkit-program")
    progress, exercises = Progress(), course.exercises()
    if passed := sum(map(progress.passed, exercises)):
        say_next(progress, before=f"Set-up works. {passed} of {len(exercises)} exercises pass. ")
    else:
        say_next(progress, before="Set-up works. ", behind=" It is red now; that is your start.")


def next_() -> None:
    say_next(Progress())


def check(name: str) -> None:
    exercise = find(name, "check")
    progress = Progress()
    record = progress.begin(exercise)
    if is_edited_starter(exercise):
        print(f"{relative(exercise.folder)} has been edited, but what counts is in {relative(exercise.work)}. "
              f"To bring the starter back: git checkout {relative(exercise.folder)}")
    elif record.state == "begun" and progress.has_new_starter(exercise):
        print(f"The starter of {exercise.id} is newer than yours, which stays as it is. "
              f"To begin anew: make reset E={exercise.id}")
    if exercise.is_layer:
        record.state = check_layer(exercise)
        print(f"Lesson {exercise.lesson.number} is done. Its text ends with how Tokio does it, what it costs, "
              "and five questions.")
    else:
        run = attempt(exercise, Build("asan"), f"{exercise.id}.work")
        record.state = "passed"
        print(green(f"{exercise}: {tests(run.passed)}."))
    progress.save()
    say_next(progress, after=exercise)


def check_layer(exercise: Exercise) -> str:
    """Puts the learner's layer into the library. Returns which gates it passes."""
    number = exercise.lesson.number
    build = Build("asan", mine=(number,))
    if exercise.lesson.has_first_tests:
        run = attempt(exercise, build, f"lesson-{number}-first")
        print(f"The first {tests(run.passed)}. Now the others, which take longer to build.", flush=True)
    run = attempt(exercise, build, f"lesson-{number}", "-tse=cost")
    print(green(f"{exercise}: {tests(run.passed)}."))
    above = run_all(build, [*lesson_tests(f"{number}+"), *solutions(number)])
    print(green(f"Layer {number} of libnara.so is yours. {above} tests above it now run on your code."))
    run = run_tests(build, f"lesson-{number}", "-ts=cost")
    if not run.is_green:
        print(f"{run.output}A second medal is left to win: it works, but at too high a cost.")
        return "passed"
    print(green(f"A second medal: its cost is right, too. {run.passed} tests say so."))
    return "passed+cost"


def hint(name: str) -> None:
    exercise = find(name, "hint")
    progress = Progress()
    record = progress.begin(exercise)
    hints = re.split(r"^## \d+\s*\n", read(exercise.folder / "hints.md"), flags=re.M)[1:]
    if not hints:
        raise Trouble(f"{exercise} has no hints.")
    record.hints = min(record.hints + 1, len(hints))
    progress.save()
    print(f"{hints[record.hints - 1].strip()}\n\nThis was hint {record.hints} of {len(hints)}.", end=" ")
    if record.hints < len(hints):
        print(f"One more: make hint E={exercise.id}")
    else:
        print(f"If it does not help: make solution E={exercise.id} FORCE=1")


def solution(name: str, force: bool) -> None:
    exercise = find(name, "solution")
    if not force and not Progress().passed(exercise):
        raise Trouble(f"The solution of {exercise} is for afterwards, when make {exercise.id} passes. "
                      f"To see it now: make solution E={exercise.id} FORCE=1")
    for file in exercise.files:
        for line, answer in answers(read(exercise.answers / file)):
            print(bold(f"{relative(exercise.answers / file)}:{line}"), answer, sep="\n\n", end="\n\n")
    print(read(exercise.solution / "NOTES.md"), end="")


def reset(name: str) -> None:
    exercise = find(name, "reset")
    if not exercise.work.exists():
        print(f"{exercise} is not begun: there is nothing to reset.")
    elif is_untouched(exercise):
        print(f"{exercise} is untouched: {relative(exercise.work)} is as you got it.")
    else:
        print(f"{exercise} is new again. What you had is in {Progress().put_back(exercise)}.")


def progress() -> None:
    progress = Progress()
    for lesson in course.lessons():
        print(bold(lesson.folder.name))
        for exercise in lesson.exercises:
            record = progress.records.get(exercise.id)
            state = record.state.replace("+", ", ") if record else "-"
            hints = f"hints: {record.hints}" if record and record.hints else ""
            note = "newer starter" if state == "begun" and progress.has_new_starter(exercise) else ""
            line = (f"  {exercise.id:9} {exercise.title:30} {exercise.level:8} {exercise.minutes:3} min"
                    f"   {state:13} {hints:9} {note}").rstrip()
            print(green(line) if progress.passed(exercise) else line)
    say_next(progress)


# --- Programs and the library


def run(name: str) -> int:
    exercise = find(name, "run")
    if not exercise.is_program:
        raise Mistake(f"{exercise} has tests, but is no program to run. Type: make {exercise.id}")
    Progress().begin(exercise)
    build = Build("asan")
    compile_for(exercise, build, f"{exercise.id}.work.run")
    return run_in_foreground(build, f"{exercise.id}.work.run")


def demo(name: str) -> int:
    known = {demo: demo for lesson in course.lessons() for demo in lesson.demos}
    pick("demo", name, known, f"make demo D={next(iter(known), '01-lazy')}")
    build = Build("release" if name.endswith("-cost") else "asan")
    build.build(f"demo-{name}")
    return run_in_foreground(build, f"demo-{name}")


def lesson(number: str) -> None:
    known = {lesson.number: f"lesson-{lesson.number}" for lesson in course.lessons()}
    program = pick("lesson", number, known, "make lesson N=01")
    print(green(f"Lesson {number}: {tests(run_all(Build('asan'), [program]))}."))


def swap(layers: str) -> None:
    known = {exercise.lesson.number: exercise for exercise in course.exercises() if exercise.is_layer}
    mine = tuple(sorted({*layers.split()}))
    for number in mine or [""]:
        exercise = pick("layer", number, known, 'make swap LAYERS="01"')
        if not exercise.work.exists():
            raise Trouble(f"You have no layer {number} yet. To begin it: make {exercise.id}")
        Progress().begin(exercise)
    passed = run_all(Build("asan", mine), [*lesson_tests(mine[0]), *solutions()])
    print(green(f"libnara.so with your {' and '.join(mine)}: {tests(passed)}."))


def test() -> None:
    print(green(f"{tests(run_everything(Build('dev')))}."))


# --- What these commands have in common


def find(name: str, command: str) -> Exercise:
    known = {exercise.id: exercise for exercise in course.exercises()}
    commands = re.findall(r"^## (make [a-z-]+)", read(course.ROOT / "Makefile"), re.M)
    return pick("exercise", name, known, f"make {command} E=01-1", also=commands)


def say_next(progress: Progress, after: Exercise | None = None, before="", behind="") -> None:
    """Says what comes after that exercise, or after the last that passed; with remarks around it."""
    exercise = progress.next(after)
    if exercise is None:
        print(f"{before}Nothing is left to do: all exercises have passed.")
        return
    progress.begin(exercise)
    texts = [exercise.folder / "README.md"]
    if exercise == exercise.lesson.exercises[0]:
        texts.insert(0, exercise.lesson.folder / "README.md")
    if texts := [relative(text) for text in texts if text.exists()]:
        print("To read:", ", then ".join(texts))
    print(f"{before}Next: {exercise}, {exercise.minutes} min. "
          f"Open {hole(exercise)}, then: make {exercise.id}.{behind}")


def tests(count: int) -> str:
    """So many tests, and how long the command took."""
    return f"{count} test{'s' * (count != 1)} passed in {time.monotonic() - START:.1f} s"


def answers(text: str) -> list[tuple[int, str]]:
    """What stands between the markers of a solution, and the line where it begins."""
    found = []
    for match in ANSWER.finditer(text):
        answer = without_markers(match[1])
        line = text.count("\n", 0, match.end(1)) - answer.count("\n") + 1
        found.append((line, textwrap.dedent(answer).rstrip()))
    return found


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


COMMANDS = {function.__name__.strip("_"): function for function in (
    learn, next_, check, hint, solution, reset, progress, run, demo, lesson, swap, test)}


def main() -> int:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", help=", ".join(COMMANDS))
    parser.add_argument("name", nargs="?", default="", help="of an exercise, a demo, a lesson, or layers")
    parser.add_argument("--force", action="store_true", help="show a solution before yours passes")
    options = parser.parse_args()
    try:
        command = pick("command", options.command, COMMANDS, "tools/learn.py next")
        names = [] if command in (learn, next_, progress, test) else [options.name]
        return command(*names, *[options.force] * (command is solution)) or 0
    except KeyboardInterrupt:
        course.status()
        return 130
    except Trouble as trouble:
        code, text = trouble.exit_code, trouble
    except OSError as error:
        code, text = 1, f"{relative(Path(error.filename))}: {error.strerror}." if error.filename else error
    sys.stdout.flush()
    print(text, file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
