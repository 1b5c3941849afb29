"""What the public headers say of being given up: the paragraphs "Cancel safe…" of the library.

A future is a class with a type Output. Its own comment says what becomes of it, or that of whoever
it is made by: of the functions that its comment names, or of the class that these belong to.
A function that returns an Async says it itself.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from course import ROOT

COMMENTED = re.compile(r"^(?P<indent> *)///.*\n(?: *///.*\n)*", re.M)
SAYS = re.compile(r"Cancel safe(?P<kind>ty: |: |\.)(?P<text>.*?)(?= Thread safety:| Mirrors |\n|$)")
FUTURE = re.compile(r"^  using Output = ", re.M)
INSIDE = re.compile(r"^namespace (.*\bdetail) \{\n.*?^\}  // namespace \1$", re.M | re.S)


@dataclass(frozen=True)
class Entry:
    """A class or a function that has a comment."""

    name: str  # with its class, if it is in one
    says: str  # what becomes of it when it is given up, if its comment says so
    made_by: tuple[str, ...]
    is_class: bool
    is_future: bool


def headers() -> list[Path]:
    """Those that a user of the library reads."""
    found = [*ROOT.glob("lessons/*/include/nara/**/*.hpp"), *ROOT.glob("runtime/include/nara/**/*.hpp")]
    return sorted(path for path in found if path.parent.name != "detail")


def _public(header: Path) -> str:
    return INSIDE.sub("", header.read_text(encoding="utf-8"))


def entries(header: Path) -> Iterator[Entry]:
    text = _public(header)
    comments = [*COMMENTED.finditer(text)]
    outer = ""  # the class that we are in
    for number, comment in enumerate(comments):
        name, is_class, is_future = _declared(text[comment.end():])
        if comment["indent"]:
            name = f"{outer}::{name}" if outer else name
        else:
            outer = name if is_class else ""
            end = next((later.start() for later in comments[number + 1:] if not later["indent"]), len(text))
            is_future |= is_class and bool(FUTURE.search(text[comment.end():end]))
        words = " ".join(line.strip(" /") or "\n" for line in comment[0].splitlines())
        said = SAYS.search(words)
        makers = re.search(r"Made by (.+?)\.(?:\s|$)", words)
        yield Entry(name, _sentence(said) if said else "",
                    tuple(re.findall(r"`([\w:]+)\(\)`", makers[1])) if makers else (), is_class, is_future)


def _sentence(said: re.Match) -> str:
    words = said["text"] if said["kind"] == "ty: " else f"safe{said['kind']}{said['text']}"
    return (words[0].upper() + words[1:]).strip()


def _declared(code: str) -> tuple[str, bool, bool]:
    """The name of what is declared there, whether that is a class, and whether it returns an Async."""
    code = re.sub(r'"[^"\n]*"|//.*', "", code)
    code = re.sub(r"\A(?:\s*(?:template|requires)\b.*\n(?:(?: {4,}| +&& ).*\n)*)*", "", code)
    code = re.sub(r"\[\[.*?\]\]|\bNARA_COROUTINE\b", "", code, flags=re.S)
    if found := re.match(r"\s*(?:class|struct|concept)\s+(\w+)", code):
        return found[1], True, False
    found = re.search(r"(\w+)\(", code)
    return found[1] if found else "", False, bool(re.match(r"\s*(?:inline |static )*Async<", code))


def promises() -> Iterator[tuple[Path, str, str]]:
    """For each that says what becomes of it: its header, its name, and what it says."""
    for header in headers():
        spaces = re.findall(r"^namespace nara::inline NARA_BUILD::(?!detail)([\w:]+)",
                            header.read_text(encoding="utf-8"), re.M)
        space = f"{spaces[0].split('::')[-1]}::" if spaces else ""
        for entry in entries(header):
            if entry.says:
                # One class for two kinds has names of its own for them: Sender is a BasicSender.
                name = space + entry.name.removeprefix("Basic")
                yield header, name if entry.is_class else f"{name}()", entry.says


def silent(header: Path) -> Iterator[str]:
    """The futures of which nobody says what becomes of them when they are given up."""
    known = list(entries(header))
    # Who makes a future may be declared beside it, or in another header of the same folder.
    speak = {entry.name.removeprefix("Basic") for other in header.parent.glob("*.hpp")
             for entry in entries(other) if entry.says}
    if len(FUTURE.findall(_public(header))) != sum(entry.is_class and entry.is_future for entry in known):
        yield "a class that has no comment"
    for entry in known:
        if not entry.is_future or entry.name.removeprefix("Basic") in speak:
            continue
        for name in entry.made_by or (entry.name,):
            name = name.removeprefix("Basic")
            if not {name, name.rpartition("::")[0]} & speak:
                yield name
