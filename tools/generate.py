#!/usr/bin/env python3
"""Writes what follows from something else, so that nobody has to keep it in step by hand.

    generate.py          starters, tables, and the code and the outputs that texts show (this builds)
    generate.py --quick  all but the outputs
    generate.py --check  writes nothing; names what is stale, and then fails
    generate.py slides   build/slides/NN-name.html, each deck in one file that needs no network

A starter is its solution with each answer, from // BEGIN SOLUTION to // END SOLUTION, replaced by
the lines that stand there as // STARTER: … What texts show is described in texts.py.
"""

import argparse
import base64
import mimetypes
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from course import ROOT, Trouble, exercises, relative
from texts import ANSWER, clause_page, filled, read, tracked, without_markers, write

STARTER = re.compile(r"^( *)// STARTER:(?: (.*))?\n", re.M)
SLIDES = ROOT / "slides"


def starter(code: str) -> str:
    """What a learner is given instead of the solution."""
    def hole(answer: re.Match) -> str:
        lines = STARTER.findall(answer[1])
        return "".join(f"{indent}{line}".rstrip() + "\n" for indent, line in lines)

    code = ANSWER.sub(hole, code)
    if re.search(r"// (BEGIN|END) SOLUTION|// STARTER:", code):
        raise Trouble("BEGIN SOLUTION, STARTER and END SOLUTION do not fit together.")
    code = without_markers(code)
    return with_todo(code) if "todo(" in code else code


def with_todo(code: str, include: str = "#include <nara/todo.hpp>") -> str:
    """Includes the header of todo(), where the alphabet wants it."""
    lines = code.splitlines()
    if include in lines:
        return code
    places = [n for n, line in enumerate(lines) if re.fullmatch(r"#include <[\w/]+(\.hpp)?>", line)]
    if not places:
        raise Trouble("It needs an #include <…> beside which that of todo() can stand.")
    after = [n for n in places if lines[n] > include]
    lines.insert(after[0] if after else places[-1] + 1, include)
    return "\n".join(lines) + "\n"


def generated(outputs: bool) -> Iterator[tuple[Path, str]]:
    """Every file of which all or a part is generated, and what it should be."""
    path = ROOT
    try:
        for exercise in exercises():
            for name in exercise.files:
                path = exercise.answers / name
                yield exercise.folder / name, starter(read(path))
        path = ROOT / "lessons/CLAUSES.md"
        yield path, clause_page(path)
        for path in tracked("*.md"):
            yield path, filled(path, outputs)
    except Trouble as trouble:
        raise Trouble(f"{relative(path)}: {trouble}") from None


def stale(outputs: bool) -> Iterator[tuple[Path, str]]:
    """Those of them that are not as they should be."""
    return ((path, text) for path, text in generated(outputs) if not path.exists() or read(path) != text)


def decks() -> list[Path]:
    return sorted(SLIDES.glob("[0-9][0-9]-*.md"))


def build_deck(deck: Path) -> Path:
    """Makes a page of a deck, images and all. Its notes say at what time each slide should end."""
    modules = SLIDES / "node_modules"
    if not modules.exists() or modules.stat().st_mtime < (SLIDES / "package-lock.json").stat().st_mtime:
        subprocess.run(["npm", "ci", "--silent"], cwd=SLIDES, check=True)
        modules.touch()
    clock = 0

    def with_clock(minutes: re.Match) -> str:
        nonlocal clock
        clock += int(minutes[1])
        return f"<!-- {minutes[1]} min, until {clock // 60}:{clock % 60:02} -->"

    def with_image(image: re.Match) -> str:
        data = base64.b64encode((deck.parent / image[2]).read_bytes()).decode()
        return f"{image[1]}data:{mimetypes.guess_type(image[2])[0]};base64,{data}"

    text = re.sub(r"^<!-- (code|run\b.*?|norun): .*-->\n", "", read(deck), flags=re.M)
    text = re.sub(r"<!-- minutes: (\d+) -->", with_clock, text)
    marp = [modules / ".bin/marp", "--no-config-file", "--html", "--theme", SLIDES / "theme.css", "-o", "-"]
    done = subprocess.run(marp, input=text, capture_output=True, text=True, env=os.environ | {"LANG": "en"})
    if done.returncode:
        raise Trouble(f"{relative(deck)}: {done.stderr}")
    page = ROOT / "build/slides" / f"{deck.stem}.html"
    write(page, re.sub(r'(src="|url\(&quot;)(?!data:)([^"&]+)', with_image, done.stdout))
    return page


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", choices=["all", "slides"], default="all")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    if options.what == "slides":
        return print(*(relative(build_deck(deck)) for deck in decks()), sep="\n")
    found = 0
    for path, text in stale(outputs=not options.quick):
        found += 1
        print("stale:" if options.check else "wrote", relative(path))
        if not options.check:
            write(path, text)
    if options.check and found:
        raise Trouble("Run `make generate`, and look at what it changes.")


if __name__ == "__main__":
    try:
        main()
    except Trouble as trouble:
        sys.exit(str(trouble))
