"""What a learner has done so far: work/progress.txt, and the files that were begun."""

import hashlib
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import course
from course import Exercise, relative

FILE = course.WORK / "progress.txt"
COURSE = ["lessons", "runtime", "exercises", "solutions", "tools", "cmake", "Makefile", ":(glob)CMake*"]
LINE = re.compile(r"(\d\d-\w+) +(begun|passed|passed\+cost) +hints (\d+) +starter (\w+) *")


@dataclass
class Record:
    """A line of the file."""

    id: str
    state: str  # begun, passed, or passed+cost: a layer exercise has two gates
    hints: int
    starter: str  # of the starter that it was begun with

    def __str__(self) -> str:
        return f"{self.id:10}{self.state:13}hints {self.hints}  starter {self.starter}"


class Progress:
    """All records. People may edit the file: a line that is not understood is left alone."""

    def __init__(self):
        self.records: dict[str, Record] = {}
        self.lines: list[Record | str] = []
        text = "# Kept by the commands of the course: a line per exercise.\n"
        if FILE.exists():
            text = FILE.read_text(encoding="utf-8", errors="surrogateescape")
        for number, line in enumerate(text.splitlines(), 1):
            match = LINE.fullmatch(line)
            if match and match[1] not in self.records:
                line = self.records[match[1]] = Record(match[1], match[2], int(match[3]), match[4])
            elif line.strip() and not line.startswith("#"):
                print(f"Ignored: line {number} of {relative(FILE)}: {line}", file=sys.stderr)
            self.lines.append(line)

    def save(self) -> None:
        FILE.parent.mkdir(parents=True, exist_ok=True)
        new = FILE.with_suffix(".new")
        text = "".join(f"{line}\n" for line in self.lines)
        new.write_text(text, encoding="utf-8", errors="surrogateescape")
        new.replace(FILE)  # so that the file is whole at every moment

    def begin(self, exercise: Exercise) -> Record:
        """Puts the starter's files where the learner has none."""
        missing = give_missing(exercise)
        record = self.records.get(exercise.id)
        if record is None:
            record = self.records[exercise.id] = Record(exercise.id, "begun", 0, starter_of(exercise))
            self.lines.append(record)
        elif missing:
            if len(missing) == len(exercise.files):
                record.starter = starter_of(exercise)
            print(f"Missing, and now the starter's again: {', '.join(missing)}")
        self.save()
        return record

    def put_back(self, exercise: Exercise) -> str:
        """Makes the exercise new again. Returns where what was there is kept."""
        kept = next(path for n in range(1, 10**6)
                    if not (path := course.WORK / "backup" / f"{exercise.folder.name}.{n}").exists())
        kept.parent.mkdir(parents=True, exist_ok=True)
        exercise.work.rename(kept)
        give_missing(exercise)
        record = self.begin(exercise)
        record.state, record.hints, record.starter = "begun", 0, starter_of(exercise)
        self.save()
        return relative(kept)

    def passed(self, exercise: Exercise) -> bool:
        return exercise.id in self.records and self.records[exercise.id].state != "begun"

    def has_new_starter(self, exercise: Exercise) -> bool:
        """Has the course changed the starter since the learner began?"""
        record = self.records.get(exercise.id)
        return record is not None and record.starter != starter_of(exercise)

    def next(self, after: Exercise | None = None) -> Exercise | None:
        """The first to do after that one, or after the last that passed; else one left out."""
        everything = course.exercises()
        passed = [exercise for exercise in everything if self.passed(exercise)]
        here = after or (passed[-1] if passed else everything[-1])
        start = everything.index(here) + 1
        ahead = everything[start:] + everything[:start]
        return next((exercise for exercise in ahead if exercise not in passed), None)


def give_missing(exercise: Exercise) -> list[str]:
    """Copies the starter's files that the learner has not. Returns their names."""
    missing = [name for name in exercise.files if not (exercise.work / name).exists()]
    for name in missing:
        (exercise.work / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(exercise.folder / name, exercise.work / name)
    return missing


def starter_of(exercise: Exercise) -> str:
    """A short name for the contents of the starter."""
    contents = b"\0".join((exercise.folder / name).read_bytes() for name in exercise.files)
    return hashlib.sha256(contents).hexdigest()[:8]


def is_edited_starter(exercise: Exercise) -> bool:
    """Has somebody changed the files that are there to be copied, instead of the copies?"""
    git = ["git", "status", "--porcelain", "--", *(exercise.folder / name for name in exercise.files)]
    return bool(subprocess.run(git, cwd=course.ROOT, capture_output=True).stdout)


def changes(root: Path) -> tuple[str, list[str]]:
    """Which files of the course are not as they were published, and since what; nothing if git does
    not know. What a learner writes does not count, and neither do texts and slides."""
    def git(*words: str) -> list[str]:
        done = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True)
        return done.stdout.splitlines() if done.returncode == 0 else []

    if not git("rev-parse", "--verify", "HEAD"):
        return "", []
    since = "upstream/main" if git("rev-parse", "--verify", "--quiet", "upstream/main") else "HEAD"
    places = ["--", *COURSE, ":!*.md"]
    return since, [*git("diff", "--name-only", "--merge-base", since, *places),
                   *git("ls-files", "--others", "--exclude-standard", *places)]


def is_untouched(exercise: Exercise) -> bool:
    return all((exercise.work / name).exists() and
               (exercise.work / name).read_bytes() == (exercise.folder / name).read_bytes()
               for name in exercise.files)


def hole(exercise: Exercise, sentence: str = "") -> str:
    """Where the learner writes: file:line of the first todo that is left and says so, or a file."""
    for name in exercise.files:
        text = (exercise.work / name).read_text(encoding="utf-8", errors="replace")
        for number, line in enumerate(text.splitlines(), 1):
            if re.search(r"^(?! *//).*\btodo\(", line) and sentence in line:
                return f"{relative(exercise.work / name)}:{number}"
    return relative(exercise.work / exercise.files[0])
