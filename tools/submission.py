"""Reads what somebody hands in: a folder, or an archive of one.

Of an exercise it takes the learner's sources, and only from where a learner has business to put
some. A file doctest/doctest.h in the folder of an exercise would be found before the real one.
"""

import functools
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from course import Exercise, Mistake

AROUND = re.compile(r"^(?:\./)?(?:[^/]+/)?work/|^\./")  # `git archive` adds work/, GitHub one more folder
SOURCE = re.compile(r"(?:(?:include/nara|src)/(?:[\w-]+/)*)?[\w-]+\.[ch]pp")
LARGEST = 1 << 20  # bytes


def submitted(place: Path, exercises: Iterable[Exercise]) -> tuple[dict[str, str], list[str]]:
    """The learner's files that count, by their names in work/, and the names of those that do not."""
    folders = {exercise.folder.name for exercise in exercises}
    files, left_out = {}, []
    try:
        for path, size, read in members(place):
            name = AROUND.sub("", path)
            folder, _, file = name.partition("/")
            if folder not in folders and name != "progress.txt":
                continue
            if size <= LARGEST and (SOURCE.fullmatch(file) or name == "progress.txt"):
                files[name] = read().decode(errors="replace")
            else:
                left_out.append(name)
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise Mistake(f"{place} cannot be read: {error}") from None
    return files, left_out


def members(place: Path) -> Iterator[tuple[str, int, Callable[[], bytes]]]:
    """Each plain file: its name, its size, and how to read it."""
    if place.is_dir():
        folder = place / "work" if (place / "work").is_dir() else place
        for path in sorted([*folder.glob("progress.txt"), *folder.glob("[0-9][0-9]-*/**/*")]):
            if path.is_file() and not path.is_symlink():
                yield str(path.relative_to(folder)), path.stat().st_size, path.read_bytes
    elif not place.exists():
        raise Mistake(f"There is nothing at {place}.")
    elif tarfile.is_tarfile(place):
        with tarfile.open(place) as archive:
            for member in archive:
                if member.isfile():
                    yield member.name, member.size, archive.extractfile(member).read
    elif zipfile.is_zipfile(place):
        with zipfile.ZipFile(place) as archive:
            for member in archive.infolist():
                if not member.is_dir():
                    yield member.filename, member.file_size, functools.partial(archive.read, member)
    else:
        raise Mistake(f"{place} is neither a folder nor an archive (tar, zip).")
