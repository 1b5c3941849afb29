"""What the course consists of, and how it is built. The other programs here stand on this one."""

import contextlib
import difflib
import os
import re
import shutil
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Whoever tries the course without being its learner names other folders.
WORK = Path(os.environ.get("NARA_WORK") or ROOT / "work").absolute()
BUILD = Path(os.environ.get("NARA_BUILD") or ROOT / "build").absolute()
MOMENT = 2  # seconds, after which a person would like to know what takes so long
if not os.access(os.path.expanduser("~"), os.W_OK):  # where ccache wants to write
    os.environ.setdefault("CCACHE_DIR", str(BUILD / "ccache"))


class Trouble(Exception):
    """Something that a person has to hear. The text is whole sentences, to be shown as they are."""

    exit_code = 1


class Mistake(Trouble):
    """What was typed means nothing. The text says what would."""

    exit_code = 2


class BuildFailed(Trouble):
    """The text is what the compiler said, without the noise around it."""


def relative(path: Path) -> str:
    """The path as somebody would type it who stands in the root of the course."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def pick(kind: str, name: str, known: dict, example: str, also: Iterable[str] = ()):
    """`known[name]`; else a Mistake with an example, or with the nearest of all names."""
    if name in known:
        return known[name]
    if not name:
        raise Mistake(f"Which {kind}? For example: {example}")
    if not known:
        raise Mistake(f"There is no {kind} {name}, nor any other yet.")
    nearest = difflib.get_close_matches(name, [*known, *also], n=1, cutoff=0)[0]
    raise Mistake(f"There is no {kind} {name}. Did you mean {nearest}?")


def another_learner(work: Path, build: Path) -> dict[str, str]:
    """The environment of a command of the course that is typed by somebody who works and builds there."""
    inherited = {name: value for name, value in os.environ.items() if "MAKE" not in name}
    return inherited | {"NARA_WORK": str(work), "NARA_BUILD": str(build)}


# --- What there is


@dataclass(frozen=True)
class Lesson:
    """A folder in lessons/, which is a layer of the library too."""

    folder: Path

    @property
    def number(self) -> str:
        return self.folder.name[:2]

    @property
    def has_tests(self) -> bool:
        return any(self.folder.glob("tests/*.cpp"))

    @property
    def has_first_tests(self) -> bool:
        """Are there some that are built and run before the others?"""
        return any(self.folder.glob("tests/0[01]-*.cpp"))

    @property
    def demos(self) -> list[str]:
        return sorted(path.stem for path in self.folder.glob("demos/*.cpp"))

    @property
    def exercises(self) -> "list[Exercise]":
        return [exercise for exercise in exercises() if exercise.lesson == self]


@dataclass(frozen=True)
class Exercise:
    """A folder in exercises/. Its files have the same names in work/ and in the solution."""

    folder: Path
    title: str
    level: str
    minutes: int
    files: tuple[str, ...]
    borrows: tuple[str, ...]
    sanitizers: tuple[str, ...]

    @property
    def id(self) -> str:
        return "-".join(self.folder.name.split("-")[:2])

    @property
    def lesson(self) -> Lesson:
        return Lesson(ROOT / "lessons" / self.folder.parent.name)

    @property
    def work(self) -> Path:
        return WORK / self.folder.name

    @property
    def solution(self) -> Path:
        """Where notes and wrong patches are and, but for a layer exercise, the answers."""
        return ROOT / "solutions" / self.folder.relative_to(ROOT / "exercises")

    @property
    def answers(self) -> Path:
        """Where the solved files are. A layer exercise is solved by the lesson's own."""
        return self.lesson.folder if self.is_layer else self.solution

    @property
    def is_layer(self) -> bool:
        return self.id.endswith("-layer")

    @property
    def is_program(self) -> bool:
        return (self.folder / "main.cpp").exists()

    def __str__(self) -> str:
        return f"{self.id} {self.title}"


def lessons() -> list[Lesson]:
    return [Lesson(path.parent) for path in sorted(ROOT.glob("lessons/[0-9][0-9]-*/CMakeLists.txt"))]


def exercises() -> list[Exercise]:
    """All of them, in the order of the course: a lesson's layer exercise is its last."""
    def place(exercise: Exercise):
        lesson, number = exercise.id.split("-")
        return lesson, int(number) if number.isdigit() else 100, number

    return sorted(map(_exercise, ROOT.glob("exercises/*/*/exercise.toml")), key=place)


def _exercise(path: Path) -> Exercise:
    try:
        facts = tomllib.loads(path.read_text(encoding="utf-8"))
        lists = [tuple(facts.get(name, ())) for name in ("files", "borrows", "sanitizers")]
        return Exercise(path.parent, facts["title"], facts["level"], facts["minutes"], *lists)
    except KeyError as missing:
        raise Trouble(f"{relative(path)} does not say what its {missing} is.") from None
    except tomllib.TOMLDecodeError as error:
        raise Trouble(f"{relative(path)} is not valid: {error}.") from None


# --- Building


class Build:
    """The build folder of a preset; or of a preset with layers of the learner's, `mine`."""

    def __init__(self, preset: str, mine: tuple[str, ...] = (), folder: Path | None = None, **options):
        name = f"{preset}-mine-{'-'.join(mine)}" if mine else preset
        self.folder = folder or BUILD / name
        self.log = self.folder / "build.log"
        self.preset = preset
        self.options = {"NARA_WORK": WORK, "NARA_MINE": ";".join(mine)} | options

    def program(self, name: str) -> Path:
        return self.folder / "bin" / name

    def configure(self) -> None:
        """Lets CMake plan the build, unless it has done so for the same question before."""
        options = {"CMAKE_CXX_COMPILER": _run(["tools/setup.sh", "compiler"]).strip()} | self.options
        command = ["cmake", "--fresh", "--preset", self.preset, "-B", str(self.folder),
                   *(f"-D{option}={value}" for option, value in options.items())]
        question, answered = "\n".join([str(ROOT), *command]), self.folder / "configured"
        if answered.exists() and answered.read_text(encoding="utf-8") == question:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        answered.unlink(missing_ok=True)
        try:
            _run(command, self.log, "Planning the build")
        except Trouble as trouble:
            end = "\n".join(f"  | {line}" for line in str(trouble).splitlines()[-20:])
            raise Trouble(f"The build cannot be planned. {relative(self.log)} ends with:\n{end}\n"
                          "`make doctor` looks at the tools; `make clean` lets you start afresh.") from None
        answered.write_text(question, encoding="utf-8")

    def build(self, *targets: str) -> str:
        """Builds the targets, or everything. Returns the compiler's warnings; raises BuildFailed."""
        self.configure()
        command = ["cmake", "--build", str(self.folder), *(["--target", *targets] if targets else [])]
        try:
            return messages(_run(command, self.log, f"Building {targets[0]}" if len(targets) == 1 else "Building"))
        except Trouble as trouble:
            unsaid = f"It failed without a word, as if somebody had ended it. See {relative(self.log)}."
            raise BuildFailed(messages(str(trouble)) or unsaid) from None


def _run(command: list[str], log: Path | None = None, doing: str = "") -> str:
    """Runs a command and returns what it prints. Raises that as Trouble when the command fails."""
    output = ""
    with busy(doing), subprocess.Popen(command, cwd=ROOT, encoding="utf-8", errors="replace",
                                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        for line in process.stdout:
            output += line
            if done := re.match(r"\[(\d+/\d+)\] ", line):
                status(f"{doing} {done[1]}")
    if log:
        log.write_text(output, encoding="utf-8")
    if process.returncode:
        raise Trouble(output.strip())
    return output


def messages(output: str) -> str:
    """What compilers, linkers and CMake said during a build, with paths from the root."""
    output = re.sub(r"^FAILED: .*\n.*\n", "", output, flags=re.M)  # the second line is the command
    precompiled = r"^In file included from <built-in>:.*\n(In file included from .*\n)*"
    output = re.sub(precompiled, "", output, flags=re.M)
    noise = r"^(\[\d+/\d+\] |ninja: |-- |\d+ (error|warning)s?\b.*generated\.$).*\n?"
    return re.sub(noise, "", output, flags=re.M).replace(f"{ROOT}/", "").strip()


@contextlib.contextmanager
def busy(doing: str):
    """For the duration of a `with`, says what is going on: on a terminal at once; elsewhere, where it
    cannot be taken away again, in a line of its own, and only if it takes longer than a moment."""
    status(doing)
    line = threading.Timer(MOMENT, print, [f"{doing} ..."], {"file": sys.stderr, "flush": True})
    if doing and not sys.stdout.isatty():
        line.start()
    try:
        yield
    finally:
        line.cancel()
        status()


def status(text: str = "") -> None:
    """Says, on a terminal, what is going on. The next call takes it away again."""
    if sys.stdout.isatty():
        print(f"\r\033[K{text[:shutil.get_terminal_size().columns - 1]}", end="", flush=True)
