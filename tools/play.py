#!/usr/bin/env python3
"""A chat on Nara, to be tried out at once: `make play`.

Builds the chat of exercise 06-2, as its solution has it, and starts it. On a terminal with tmux, two
clients stand beside each other. Elsewhere, it says what to type in two other terminals.
"""

import signal

signal.signal(signal.SIGPIPE, signal.SIG_DFL)

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from course import ROOT, Build, Trouble
from programs import watched

CHAT = "06-2.solution.run"
SCREEN = """\
set -g mouse on
set -g status-justify centre
set -g status-left ''
set -g status-right ''
set -g window-status-current-format 'A chat on Nara: click into a half and type. Ctrl-D leaves it.'
"""


@contextmanager
def chat() -> Iterator[str]:
    """While the server is there: its host and port."""
    build = Build("asan")
    build.build(CHAT)
    server = subprocess.Popen([build.program(CHAT), "0"], cwd=ROOT, env=watched(""), text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, start_new_session=True)
    try:
        found = re.search(r"\b127\.0\.0\.1:[1-9]\d*", server.stdout.readline())
        if not found:
            raise Trouble("The chat does not say where it listens.")
        yield found[0]
    finally:
        server.send_signal(signal.SIGINT)
        server.communicate()


def play_here(address: str) -> None:
    """Two clients, side by side."""
    talk = shlex.join([sys.executable, str(ROOT / "tools/talk.py"), address])
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as screen:
        screen.write(SCREEN)
        screen.flush()
        subprocess.run(["tmux", "-L", "nara-play", "-f", screen.name, "new-session", talk, ";",
                        "split-window", "-h", talk], check=True)


def play_elsewhere(address: str) -> None:
    print(f"A chat on Nara is at {address}. In two other terminals, type:\n\n  make talk A={address}\n\n"
          "Ctrl-C here ends it.", flush=True)
    while True:
        signal.pause()


def main() -> int:
    for end in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(end, signal.default_int_handler)  # The server must not outlive us.
    here = sys.stdin.isatty() and sys.stdout.isatty() and shutil.which("tmux") and "TMUX" not in os.environ
    try:
        with chat() as address:
            (play_here if here else play_elsewhere)(address)
    except KeyboardInterrupt:
        print()
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
