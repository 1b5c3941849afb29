"""The rules of the house that can be seen without building anything.

Each rule looks at things, and gives for each what it was and what is wrong with it, if anything.
"""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import cancel
from course import ROOT, Exercise, Lesson, Trouble, exercises, lessons, relative
from generate import decks
from texts import TABLE, clauses, facts, read, tests, tracked

Finding = tuple[str, str]  # what was looked at, and what is wrong with it: nothing, if it is empty

MINUTES = {"core": (1, 15), "more": (1, 30), "project": (60, 180), "layer": (1, 180)}
IN_TESTS = re.compile(r"/tests/|^exercises/.*/tests\.cpp$")
LITERAL = re.compile(r'R"\((?:.|\n)*?\)"|"(?:[^"\\\n]|\\.)*"|(?<!\w)\'(?:[^\'\\\n]|\\.)+\'')
NOTE = re.compile(r"<!--(?!\s*(?:minutes|code|run\b.*?|norun|_?class|_?paginate): )(.+?)-->", re.S)


def all_rules() -> Iterator[Finding]:
    yield from layout()
    for path in tracked("*.cpp", "*.hpp", ":!cmake"):
        yield relative(path), "; ".join(source_faults(path))
    for path in tracked("*.md"):
        yield f"links in {relative(path)}", "; ".join(dead_links(path))
    for exercise in exercises():
        yield f"exercise {exercise.id}", "; ".join(exercise_faults(exercise))
    for lesson in lessons():
        yield f"lesson {lesson.number}", "; ".join(lesson_faults(lesson))
    for deck in decks():
        yield f"slides {deck.stem}", "; ".join(deck_faults(deck))
    for header in cancel.headers():
        yield f"cancel safety in {relative(header)}", "; ".join(
            f"{name}: say in its comment what becomes of it when it is given up (Cancel safety: …)"
            for name in cancel.silent(header))
    yield from clause_rules()
    yield "traces of a machine", "; ".join(traces())


# --- Sources


def layout() -> Iterator[Finding]:
    starters = {task.folder / name for task in exercises() for name in task.files}  # not by hand
    files = [relative(path) for path in tracked("*.cpp", "*.hpp") if path not in starters]
    done = subprocess.run(["clang-format-19", "--dry-run", "-Werror", *files],
                          cwd=ROOT, stderr=subprocess.PIPE, text=True)
    wrong = dict(re.findall(r"^(.+?):(\d+):\d+: error", done.stderr, re.M)[::-1])
    for file in files:
        yield f"layout of {file}", f"line {wrong[file]}: run clang-format-19 -i" if file in wrong else ""


def source_faults(path: Path) -> Iterator[str]:
    name, text = relative(path), read(path)
    if not text.startswith(("//", "/*")):
        yield "it should open with a comment: what it is, and why it exists"
    if name.startswith("lessons/") and text.count("\n") > 300:
        yield "it has more than 300 lines"
    if re.match(r"(lessons/[^/]+/(include|src)|exercises|solutions)/", name):
        for line in _lines(text, re.finditer(r'^#include "', text, re.M)):
            yield f"line {line}: include with <…>: a quoted include finds the file beside it"
    bare = _bare(text)
    if name.endswith(".hpp"):
        for line in _lines(bare, re.finditer(r"\busing namespace\b", bare)):
            yield f"line {line}: using namespace in a header"
    for line in _lines(bare, re.finditer(r"\btypedef\b", bare)):
        yield f"line {line}: typedef, where using would do"
    if IN_TESTS.search(name):
        for line in _lines(bare, re.finditer(r"this_thread::sleep|\b(u|nano)sleep\(", bare)):
            yield f"line {line}: a test must not sleep"
    for line in _lines(bare, _awaits_that_gcc_breaks(bare)):
        yield f"line {line}: g++ 12 miscompiles co_await in a condition and beside ?: (bind it to a name)"


def _bare(code: str) -> str:
    """The code without comments, and with empty literals; each line stays where it is."""
    code = LITERAL.sub(lambda found: '""' + "\n" * found[0].count("\n"), code)
    return re.sub(r"//.*|/\*(?:.|\n)*?\*/", lambda found: "\n" * found[0].count("\n"), code)


def _lines(text: str, matches) -> list[int]:
    return [text.count("\n", 0, match.start()) + 1 for match in matches]


def _awaits_that_gcc_breaks(bare: str) -> Iterator[re.Match]:
    for head in re.finditer(r"\b(if|while|switch|for)\b[^(;{}]*\(", bare):
        depth, end = 1, head.end()
        while depth and end < len(bare):
            depth += {"(": 1, ")": -1}.get(bare[end], 0)
            end += 1
        if re.search(r"\bco_await\b", bare[head.end():end]):
            yield head
    for statement in re.finditer(r"[^;{}]+", bare):
        if re.search(r"\bco_await\b", statement[0]) and "?" in statement[0]:
            yield re.compile(r"\bco_await\b").search(bare, statement.start())


def traces() -> Iterator[str]:
    """What only the machine knows that a file was written on: its folders, where its packages came from."""
    trace = re.compile(r'(?<![\w.*}~-])/(?:home|root|work)/\w|\bregistry\.\w+\.\w|"resolved"[:]')
    for path in tracked(":!*.png"):
        yield from (f"{relative(path)}: {found}" for found in {*trace.findall(read(path))})


# --- Texts


def dead_links(page: Path) -> Iterator[str]:
    text = re.sub(r"^ *```.*?^ *```$|`[^`\n]*`", "", read(page), flags=re.M | re.S)
    targets = re.findall(r'\]\(<?([^)\s>]+)[^)]*\)|(?:href|src)="([^"]+)"', text)
    for target in ("".join(pair) for pair in targets):
        if re.match(r"\w+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = page.parent / unquote(name) if name else page
        if not file.exists():
            yield f"{target} does not exist"
        elif anchor and file.suffix == ".md" and anchor not in _anchors(file):
            yield f"{target} is no heading there"


def _anchors(page: Path) -> set[str]:
    """What a #… can name in a page: its headings, as GitHub spells them, and HTML's ids."""
    text = re.sub(r"^ *```.*?^ *```$", "", read(page), flags=re.M | re.S)
    found: dict[str, int] = {}
    for heading in re.findall(r"^#+ (.+?)\s*#*$", text, re.M):
        heading = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).lower()
        slug = re.sub(r"[^\w\- ]", "", heading).replace(" ", "-")
        found[slug] = found.get(slug, -1) + 1
        if found[slug]:
            found[f"{slug}-{found[slug]}"] = 0
    return {*found, *re.findall(r'\b(?:id|name)="([^"]+)"', text)}


def exercise_faults(exercise: Exercise) -> Iterator[str]:
    least, most = MINUTES.get(exercise.level, (0, 0))
    if exercise.level not in MINUTES or (exercise.level == "layer") != exercise.is_layer:
        yield f"its level is {exercise.level}"
    elif not least <= exercise.minutes <= most:
        yield f"{exercise.minutes} minutes are not {least} to {most}"
    if not exercise.folder.name.startswith(exercise.lesson.number) or not exercise.lesson.folder.exists():
        yield "its folder belongs to another lesson"
    if unknown := {*exercise.sanitizers} - {"address", "undefined", "thread"}:
        yield f"sanitizers: {', '.join(unknown)}"
    needed = [exercise.folder / "README.md", exercise.folder / "hints.md", exercise.solution / "NOTES.md"]
    needed += [exercise.folder / "tests.cpp"] * (not exercise.is_layer)
    needed += [exercise.answers / name for name in exercise.files]
    yield from (f"{relative(path)} is missing" for path in needed if not path.exists())
    if needed[1].exists() and re.findall(r"^## (.+)$", read(needed[1]), re.M) != ["1", "2", "3"]:
        yield "hints.md should have the headings ## 1, ## 2 and ## 3"
    if not any("// STARTER:" in read(path) for path in needed[4 - exercise.is_layer:] if path.exists()):
        yield "no file has a // STARTER: line"
    if exercise.is_layer:
        given = {str(path.relative_to(exercise.folder)) for path in exercise.folder.glob("*/**/*.?pp")}
        yield from (f"{name} is not one of its files" for name in given - {*exercise.files})
    if len([*exercise.solution.glob("wrong/*.patch")]) < 2 and exercise.level != "project":
        yield "it should have two or three wrong solutions"


def lesson_faults(lesson: Lesson) -> Iterator[str]:
    try:
        minutes, homework = (int(facts(lesson)[name]) for name in ("class", "homework"))
    except Trouble as trouble:
        yield str(trouble)
        return
    text = read(lesson.folder / "README.md")
    yield from (f"its text does not mention D={demo}" for demo in lesson.demos
                if not re.search(rf"\bD={demo}(?![\w-])", text))
    prose = TABLE.sub("", text)
    yield from (f"its text does not say when to do {exercise.id}" for exercise in lesson.exercises
                if f"/{exercise.folder.name}/" not in prose)
    needed = sum(exercise.minutes for exercise in lesson.exercises if exercise.level != "core")
    if needed > homework:
        yield f"its homework takes {homework} minutes, but its exercises for home {needed}"
    levels = [exercise.level for exercise in lesson.exercises]
    if levels.count("core") != 2 or levels.count("layer") != 1:
        yield "it should have two core exercises and one of its layer"
    deck = ROOT / "slides" / f"{lesson.folder.name}.md"
    if not deck.exists():
        yield f"{relative(deck)} is missing"
        return
    told = sum(map(int, re.findall(r"<!-- minutes: (\d+) -->", read(deck))))
    if told != minutes:
        yield f"its slides take {told} minutes, but its class {minutes}"


def deck_faults(deck: Path) -> Iterator[str]:
    front, _, text = read(deck).partition("\n---\n")
    if not {"marp: true", "theme: nara", "paginate: true"} <= {*front.splitlines()}:
        yield "it should begin with marp: true, theme: nara and paginate: true"
    slides = re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S).split("\n---\n")
    for number, slide in enumerate(slides, 1):
        if len(re.findall(r"<!-- minutes: \d+ -->", slide)) != 1:
            yield f"slide {number} should have one <!-- minutes: N -->"
        if not NOTE.search(slide):
            yield f"slide {number} has no notes"


def clause_rules() -> Iterator[Finding]:
    """Each clause stands once for each lesson that keeps it, and names tests that are there, or a reason."""
    folders = {lesson.number: lesson.folder for lesson in lessons()} | {"runtime": ROOT / "runtime"}
    seen: set[tuple[str, str]] = set()
    for clause in clauses():
        entry = (clause["id"], clause["lesson"])
        faults = ["it appears twice"] * (entry in seen)
        seen.add(entry)
        if clause["lesson"] not in folders:
            faults.append(f"there is no lesson {clause['lesson']}")
        else:
            known = tests(folders[clause["lesson"]]) | tests(ROOT / "tools/testkit")
            faults += [f"there is no test: {name}" for name in clause.get("tests", []) if name not in known]
        if bool(clause.get("tests")) == ("reason" in clause):
            faults.append("it should have either tests or a reason")
        yield clause["id"], "; ".join(faults)
