"""What the tests of the course's commands share: somebody who types them, and a list of tests."""

import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent))
from course import ROOT, another_learner  # noqa: E402, F401

TESTS = []


def test(sentence: str):
    return lambda function: TESTS.append((sentence, function))


def typed(*words: str | Path, by: dict[str, str], code: int, says: str) -> str:
    """Types a command, and looks at its exit code and its output."""
    done = subprocess.run(words, cwd=ROOT, env=by | {"NO_COLOR": "1"}, text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)
    assert done.returncode == code, f"exit code {done.returncode}, not {code}:\n{done.stdout}"
    assert re.search(says, done.stdout), f"should say {says!r}, but said:\n{done.stdout}"
    assert "Traceback" not in done.stdout, done.stdout
    return done.stdout


def main(here: Path) -> int:
    """Runs all tests, in a new folder. Returns the exit code."""
    shutil.rmtree(here, ignore_errors=True)
    failed = 0
    for sentence, function in TESTS:
        start = time.monotonic()
        try:
            function()
            print(f"ok    {sentence} ({time.monotonic() - start:.0f} s)", flush=True)
        except (AssertionError, OSError, subprocess.TimeoutExpired) as fault:
            failed += 1
            print(f"FAIL  {sentence}\n{fault}", flush=True)
    print(f"{len(TESTS) - failed} passed, {failed} failed")
    return 1 if failed else 0
