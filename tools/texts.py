"""What the texts of the course show that is made from something else: code, outputs, tables.

A comment says what the fence below it shows:

    <!-- code: path#tag -->     that file, or what is between // [tag] and // [/tag] in it
    <!-- run: command -->       the command, run at the root of the course, and what it prints
    <!-- run solved: … -->      the same, by somebody who has solved every exercise
    <!-- run wrong 01-1/name: … -->   or has solved 01-1 as in its wrong/name.patch

Between <!-- lessons --> and <!-- /lessons --> stands the table of lessons, between <!-- exercises -->
and <!-- /exercises --> that of a lesson's exercises, and between <!-- cancel-safety --> and
<!-- /cancel-safety --> that of what the headers say of being cancelled. lessons/CLAUSES.md is made
from clauses.toml.
"""

import functools
import os
import re
import shutil
import subprocess
import tempfile
import textwrap
import tomllib
from pathlib import Path

import cancel
from course import ROOT, Exercise, Lesson, Trouble, another_learner, exercises, lessons, relative

SHOWN = ROOT / "build/shown"  # where commands shown in texts build, and where their learner works
MARKER = re.compile(r"^ *(?://|#) (?:(?:BEGIN|END) SOLUTION|STARTER:.*|\[/?[\w-]+\])\n", re.M)
ANSWER = re.compile(r"^ *// BEGIN SOLUTION\n(.*?)^ *// END SOLUTION\n", re.M | re.S)
COMMENT = re.compile(r"^ *<!-- (?:code|run)\b.*-->$", re.M)
FENCE = re.compile(r"(?P<head>^ *<!-- (?P<kind>code|run(?: solved| wrong [\w/-]+)?): (?P<what>.+?) -->\n"
                   r"(?P<indent> *)```\w+\n)(?P<body>.*?)(?P<end>^ *```$)", re.M | re.S)
TABLE = re.compile(r"(<!-- (lessons|exercises|cancel-safety) -->\n).*?(<!-- /\2 -->)", re.S)
TEST = re.compile(r'\bTEST_CASE(?:_FIXTURE\(\w+,|\()\s*((?:"(?:[^"\\]|\\.)*"\s*)+)')
DURATION = re.compile(r"\b\d+(\.\d+)? (ms|s)\b")


def tracked(*patterns: str) -> list[Path]:
    """The files of the course: nothing that was built, and nothing that a learner wrote."""
    command = ["git", "ls-files", "-co", "--exclude-standard", "--", *patterns, ":!work/*/*"]
    names = subprocess.check_output(command, cwd=ROOT, text=True).splitlines()
    return [ROOT / name for name in sorted(set(names)) if (ROOT / name).exists()]


def read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise Trouble(f"{relative(path)} does not exist.") from None


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def put(folder: Path, files: dict[str, str]) -> None:
    """Makes these the files of the folder. What is right already keeps its time."""
    for path in [path for path in folder.glob("**/*") if path.is_file()]:
        if str(path.relative_to(folder)) not in files:
            path.unlink()
    for name, text in files.items():
        if not (folder / name).exists() or read(folder / name) != text:
            write(folder / name, text)


def patched(patch: Path, files: dict[str, str]) -> dict[str, str]:
    """The files after the patch. Raises Trouble when it does not apply."""
    with tempfile.TemporaryDirectory() as place:
        put(Path(place), files)
        done = subprocess.run(["patch", "-p1", "-f", "-s", "-r-", "-d", place, "-i", patch],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        after = {name: read(Path(place, name)) for name in files}
    if done.returncode or after == files:
        raise Trouble(f"It cannot be applied. {done.stdout.strip() or 'It changes none of the files.'}")
    return after


def solved(exercise: Exercise, mistake: str = "") -> dict[str, str]:
    """The files of somebody who has solved the exercise, or has made a mistake: that of its wrong/…patch."""
    files = {name: read(exercise.answers / name) for name in exercise.files}
    if mistake:
        files = patched(exercise.solution / f"wrong/{mistake}.patch", files)
    return {name: without_markers(text) for name, text in files.items()}


def without_markers(code: str) -> str:
    return MARKER.sub("", code)


def filled(path: Path, outputs: bool) -> str:
    """A text with everything in it that is made from something else; outputs only if asked for."""
    text, fences = FENCE.subn(lambda fence: _fill(fence, outputs), read(path))
    if len(COMMENT.findall(text)) != fences:
        raise Trouble("A comment <!-- code: … --> or <!-- run: … --> is misspelt, or has no fence "
                      "right below it.")
    tables = {"lessons": lesson_table, "exercises": exercise_table, "cancel-safety": cancel_table}
    return TABLE.sub(lambda table: table[1] + tables[table[2]](path) + table[3], text)


def _fill(fence: re.Match, outputs: bool) -> str:
    if fence["kind"] == "code":
        body = code(fence["what"])
    elif outputs:
        body = output(fence["what"], *fence["kind"].split()[1:])
    else:
        return fence[0]
    body = textwrap.indent(body, fence["indent"])
    if DURATION.sub("", body) == DURATION.sub("", fence["body"]):  # it only took another time
        return fence[0]
    return fence["head"] + body + fence["end"]


def code(what: str) -> str:
    """The file `path`, or the part of it that `path#tag` names, as a reader sees it."""
    name, _, tag = what.partition("#")
    text = read(ROOT / name)
    if tag:
        mark = r"^ *(?://|#) \["
        parts = re.findall(rf"{mark}{tag}\]\n(.*?){mark}/{tag}\]$", text, re.M | re.S)
        if len(parts) != 1:
            raise Trouble(f"{name} has {len(parts) or 'no'} parts from // [{tag}] to // [/{tag}].")
        text = parts[0]
    return textwrap.dedent(without_markers(text)).strip("\n") + "\n"


@functools.cache
def output(command: str, state: str = "untouched", mistake: str = "") -> str:
    """What the command prints for a learner who is untouched, or has solved everything, or has got
    one exercise wrong, as in the mistake 01-1/no-wake."""
    work = SHOWN / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    for exercise in exercises() if state != "untouched" else []:
        mine = Path(mistake).name if mistake.startswith(f"{exercise.id}/") else ""
        put(work / exercise.folder.name, solved(exercise, mine))
    ours = {"NO_COLOR": "1", "TERM": "dumb"}
    done = subprocess.run(["timeout", "300", "sh", "-c", command], cwd=ROOT, env=another_learner(work, SHOWN) | ours,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, encoding="utf-8", errors="replace")
    if done.returncode == 124 or "Traceback (most" in done.stdout or done.returncode and state == "solved":
        raise Trouble(f"`{command}` ended with code {done.returncode}:\n{done.stdout}")
    printed = re.sub(r"^(Building|Planning) .*\.\.\.\n", "", done.stdout, flags=re.M)  # as long as it took
    printed = printed.replace(relative(work), "work").replace(relative(SHOWN), "build")
    printed = re.sub(r"[ \t]+$", "", printed, flags=re.M).strip("\n")
    return f"$ {command}\n{printed}\n"


def facts(lesson: Lesson) -> dict[str, str]:
    """What a lesson's text says of itself: title, builds, and minutes: reading, class, homework."""
    path = lesson.folder / "README.md"
    text = read(path)
    front = text.partition("\n---\n")[0]
    found = dict(re.findall(r"^(minutes|needs|builds|borrows): (.+)$", front, re.M))
    title = re.search(r"^# Lesson \d\d: (.+)$", text, re.M)
    pattern = r"(?P<reading>\d+) reading, (?P<class>\d+) class, (?P<homework>\d+) homework"
    minutes = re.match(pattern, found.get("minutes", ""))
    if not title or not minutes or len(found) < 4:
        raise Trouble(f"{relative(path)} has to begin with ---, lines for minutes (as in 75 reading, "
                      "90 class, 120 homework), needs, builds and borrows, ---, # Lesson NN: Title.")
    return found | minutes.groupdict() | {"title": title[1]}


def lesson_table(page: Path) -> str:
    rows = []
    for lesson in lessons():
        fact = facts(lesson)
        title = _link(fact["title"], lesson.folder / "README.md", page)
        times = " | ".join(fact[name] for name in ("reading", "class", "homework"))
        tasks = [_link(task.id[3:], task.folder / "README.md", page) for task in lesson.exercises]
        rows.append(f"{lesson.number} | {title} | {fact['builds']} | {times} | {' '.join(tasks)}")
    return _table(" | Lesson | It adds | Reading | In class | Homework | Exercises",
                  "--- | --- | --- | ---: | ---: | ---: | ---", *rows)


def exercise_table(page: Path) -> str:
    rows = [f"{_link(str(task), task.folder / 'README.md', page)} | {task.level} | {task.minutes} min"
            for task in Lesson(page.parent).exercises]
    return _table("Exercise | Level | Time", "--- | --- | ---:", *rows)


def cancel_table(page: Path) -> str:
    """Of the layers up to the page's own, without those that an earlier page has in its table, and
    without those that only refer to another line."""
    earlier = [text.parent for text in sorted((ROOT / "lessons").glob("*/README.md"))
               if text < page and "<!-- cancel-safety -->" in read(text)]
    rows = [f"{_link(f'`{name}`', header, page)} | {says}" for header, name, says in cancel.promises()
            if header < page.parent / "~" and not any(header < lesson / "~" for lesson in earlier)
            and not says.startswith("That of `")]
    return _table("What is given up | What becomes of it", "--- | ---", *rows)


def clauses() -> list[dict]:
    return tomllib.loads(read(ROOT / "lessons/clauses.toml")).get("clause", [])


def tests(folder: Path) -> dict[str, Path]:
    """The test cases below a folder: the file of each name."""
    return {"".join(re.findall(r'"((?:[^"\\]|\\.)*)"', case[1])): path
            for path in sorted(folder.glob("**/*.cpp")) for case in TEST.finditer(read(path))}


def clause_page(page: Path) -> str:
    # Two lessons may have tests of one name.
    folders = {lesson.number: lesson.folder for lesson in lessons()} | {"runtime": ROOT / "runtime"}
    kit = tests(ROOT / "tools/testkit")
    known_in = {lesson: tests(folder) | kit for lesson, folder in folders.items()}
    rows = []
    for clause in clauses():
        known = known_in.get(clause["lesson"], kit)
        names = [_link(name, known.get(name, page), page) for name in clause.get("tests", [])]
        why = "<br>".join(names) or clause["reason"]
        rows.append(f"{clause['id']} | {clause['lesson']} | {clause['says']} | {why}")
    return ("# How the runtime must behave\n\nThe clauses of the contract, the lesson that keeps each, and the "
            "tests that prove it, or why there are none.\n\n"
            + _table("Clause | Lesson | It says | Tests", "--- | --- | --- | ---", *rows))


def _table(*rows: str) -> str:
    return "".join(f"| {row} |\n" for row in rows)


def _link(text: str, target: Path, page: Path) -> str:
    return f"[{text.replace('|', '&#124;')}]({os.path.relpath(target, page.parent)})"
