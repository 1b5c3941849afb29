"""Do the programs of exercises get on with clients that others have written: nc, socat, curl, ab, wrk?

Each case starts a solution's program at a free port, runs a shell command beside it, in which $at is
the host and port, and looks for a pattern in what that prints. Then the program has to end by itself
on Ctrl-C. A program takes its port as its argument, and says where it listens, as in 127.0.0.1:7001.
One that stands in front of another takes the address of that as its second argument.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from course import Build, Trouble, status
from programs import SANITIZER, watched
from rules import Finding

LIMIT = 60  # seconds for a command, and for a program to end
BEGIN = 10  # seconds until it listens


@dataclass(frozen=True)
class Case:
    exercise: str
    does: str
    command: str  # its first word is not always the client: see `clients`
    prints: str  # a regular expression
    behind: str = ""  # the exercise whose program stands behind it

    @property
    def clients(self) -> list[str]:
        """Those that it needs."""
        return [name for name in ("ab", "curl", "nc", "socat", "wrk") if re.search(rf"\b{name} -", self.command)]


NOBODY = "nobody"  # stands at a port at which nothing listens
GET = r"GET / HTTP/1.1\r\nHost: x\r\n\r\n"

CASES = [
    Case("05-1", "nc: a line comes back", "echo tea | nc -N $host $port", r"\Atea\n\Z"),
    Case("05-5", "nc: two lines are kept", "printf 'tea\nmilk\n' | nc -N $host $port", r"\Akept tea\nkept milk\n\Z"),
    Case("05-5", "socat: a line is kept", "echo tea | socat - TCP:$at", r"\Akept tea\n\Z"),
    Case("05-6", "curl: a page", "curl -sS -i http://$at/",
         r"\AHTTP/1.1 200 OK\n(.+\n)*Content-Length: 17\n(.+\n)*\nHello from Nara.\n\Z"),
    Case("05-6", "curl: three pages, one connection",
         r"curl -sS -o $tmp/1 -o $tmp/2 -o $tmp/3 -w '%{http_code} %{num_connects}\n' http://$at/ http://$at/x http://$at/",
         r"\A200 1\n404 0\n200 0\n\Z"),
    Case("05-6", "curl: HEAD, and then a page",
         r"curl -sS -I -o $tmp/head -w '%{http_code} ' http://$at/ --next -sS http://$at/", r"\A200 Hello from Nara.\n\Z"),
    Case("05-6", "curl: HTTP/1.0", r"curl -sS -0 -w '%{http_version}\n' http://$at/", r"\AHello from Nara.\n1.1\n\Z"),
    Case("05-6", "curl: 900 kB there and back",
         "head -c 900000 /dev/urandom >$tmp/in && "
         "curl -sS --data-binary @$tmp/in -o $tmp/out http://$at/echo && cmp $tmp/in $tmp/out && echo same", r"\Asame\n\Z"),
    Case("05-6", "curl: it waits to be asked for its body",
         "curl -sS -v -H 'Expect: 100-continue' -d tea http://$at/echo 2>&1", r"(?s)< HTTP/1.1 100 Continue.*tea"),
    Case("05-6", "curl: 3 MB are too much, and it reads why",
         r"head -c 3000000 /dev/zero | curl -sS -H Expect: --data-binary @- -w '%{http_code}\n' http://$at/echo",
         r"\AContent Too Large\n413\n\Z"),
    Case("05-6", "curl: a header of 100 kB is too much",
         r"curl -sS -H @$tmp/header -w '%{http_code}\n' http://$at/", r"431\n\Z"),
    Case("05-6", "nc: three requests at once", f"printf '{GET * 3}' | nc -N $host $port | grep -c Hello", r"\A3\n\Z"),
    Case("05-6", "socat: nonsense", r"printf 'nonsense\n\n' | socat - TCP:$at", r"\AHTTP/1.1 400 Bad Request\n"),
    Case("05-6", "ab: 2,000 connections", "ab -q -n 2000 -c 50 http://$at/",
         r"(?s)Complete requests: +2000\nFailed requests: +0\n"),
    Case("05-6", "ab: 5,000 requests on 50 connections", "ab -q -k -n 5000 -c 50 http://$at/",
         r"(?s)Complete requests: +5000\nFailed requests: +0\nKeep-Alive requests: +5000\n"),
    Case("05-6", "wrk: as many requests as it can for 2 s, on 64 connections", "wrk -t1 -c64 -d2 http://$at/",
         r"(?s)\A(?!.*(Non-2xx|(connect|read|write) [1-9])).*Requests/sec:"),
    Case("06-1", "nc: two lines come back", "printf 'tea\nmilk\n' | nc -N $host $port", r"\Atea\nmilk\n\Z"),
    Case("06-1", "socat: 900 kB come back",
         "yes 'a line of text' | head -c 900000 >$tmp/in && socat -t 30 - TCP:$at <$tmp/in >$tmp/out; "
         "cmp $tmp/in $tmp/out && echo same", r"\Asame\n\Z"),
    Case("06-2", "nc: somebody is welcome", "nc -N $host $port </dev/null", r"\Awelcome, client 1; with you: nobody\n\Z"),
    Case("06-3", "socat: somebody is welcome", "socat - TCP:$at </dev/null", r"\Awelcome, client 1; with you: nobody\n\Z"),
    Case("06-4", "nc: a value is set, and got", r"printf 'set tea green\r\nget tea' | nc -N $host $port",
         r"\Aok\nvalue green\n\Z"),
    Case("06-4", "socat: 20,000 commands at once", "yes 'get tea' | head -n 20000 | socat -t 30 - TCP:$at | sort | uniq -c",
         r"\A *20000 nothing\n\Z"),
    Case("06-4", "nc: a line of 50 MB", r"(head -c 50000000 /dev/zero; printf '\nget tea\n') | nc -N $host $port",
         r"\Aerror: too long\nnothing\n\Z"),
    Case("06-5", "curl: a page, through a proxy", "curl -sS http://$at/", r"\AHello from Nara.\n\Z", "05-6"),
    Case("06-5", "curl: 900 kB there and back, through a proxy",
         "head -c 900000 /dev/urandom >$tmp/in && "
         "curl -sS --data-binary @$tmp/in -o $tmp/out http://$at/echo && cmp $tmp/in $tmp/out && echo same", r"\Asame\n\Z",
         "05-6"),
    Case("06-5", "nc: the end passes through, there and back", f"printf '{GET * 3}' | nc -N $host $port | grep -c Hello",
         r"\A3\n\Z", "05-6"),
    Case("06-5", "socat: 900 kB come back, through a proxy",
         "yes 'a line of text' | head -c 900000 >$tmp/in && socat -t 30 - TCP:$at <$tmp/in >$tmp/out; "
         "cmp $tmp/in $tmp/out && echo same", r"\Asame\n\Z", "06-1"),
    Case("06-5", "ab: 2,000 connections, through a proxy", "ab -q -n 2000 -c 50 http://$at/",
         r"(?s)Complete requests: +2000\nFailed requests: +0\n", "05-6"),
    Case("06-5", "wrk: as many requests as it can for 2 s, through a proxy", "wrk -t1 -c64 -d2 http://$at/",
         r"(?s)\A(?!.*(Non-2xx|(connect|read|write) [1-9])).*Requests/sec:", "05-6"),
    Case("06-5", "curl: a proxy in front of nobody", "curl -sS http://$at/ 2>&1", r"curl: \((7|56)\)", NOBODY),
    Case("07-1", "nc: a ping is answered", "echo ping 7 | nc -u -w1 $host $port", r"\Apong 7\n\Z"),
    Case("07-1", "socat: a ping is answered", r"printf ping | socat -t1 - UDP:$at", r"\Apong\Z"),
]


def findings(build: Build, cases: list[Case]) -> Iterator[Finding]:
    """How each case went. Those whose client is not here are left out, and a line says so."""
    missing = {client for case in cases for client in case.clients if not shutil.which(client)}
    for client in sorted(missing):
        print(f"Left out: what needs {client}, which is not here. tools/setup.sh check brings it.")
    cases = [case for case in cases if not missing.intersection(case.clients)]
    if cases:
        build.build(*{f"{exercise}.solution.run" for case in cases for exercise in (case.exercise, case.behind)
                      if exercise not in ("", NOBODY)})
    for case in cases:
        status(case.does)
        yield f"{case.exercise} and {case.does}", fault(build.program(f"{case.exercise}.solution.run"), case,
                                                        build.program(f"{case.behind}.solution.run"))
    status()


def fault(program: Path, case: Case, behind: Path | None = None, within: tuple[str, ...] = ()) -> str:
    """What is wrong with the way in which the program and the client get on. `within` is a command
    that runs another one, such as `ip netns exec`; programs and clients are started by it."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as running:
        Path(folder, "header").write_text(f"X-Long: {'x' * 100_000}\n", encoding="utf-8")
        log = Path(folder, "server")
        try:
            upstream = []
            if case.behind == NOBODY:
                upstream = ["127.0.0.1:1"]
            elif case.behind:
                there = running.enter_context(started([*within, behind, "0"], Path(folder, "behind")))
                upstream = [f"{there.host}:{there.port}"]
            server = running.enter_context(started([*within, program, "0", *upstream], log))
            names = {"host": server.host, "port": server.port, "at": f"{server.host}:{server.port}", "tmp": folder}
            done = subprocess.run(["timeout", str(LIMIT), *within, "sh", "-c", case.command], env=os.environ | names,
                                  text=True, errors="replace", stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            said = "" if re.search(case.prints, done.stdout) else f"{case.command}\nprints:\n{done.stdout}"
            said += server.ended()
        except (Trouble, subprocess.TimeoutExpired) as trouble:
            said = str(trouble)
        return f"{said}\nThe server says:\n{log.read_text(encoding='utf-8', errors='replace')}" if said else ""


@dataclass(frozen=True)
class Server:
    """A program that runs, and listens there."""

    process: subprocess.Popen
    host: str
    port: str

    def ended(self) -> str:
        """Ends it by Ctrl-C. Says what is wrong with the way in which it has ended."""
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(LIMIT)
        return f"\nThe server ended with code {code}." * (code not in (0, 128 + signal.SIGINT))


@contextlib.contextmanager
def started(command: list[str | Path], log: Path, options: str = "") -> Iterator[Server]:
    """Starts a program, as soon as it listens; what is left of it at the end is killed. `options` are
    for the sanitizer."""
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL,
                                   env=watched(f"exitcode={SANITIZER}:{options}"), start_new_session=True)
    try:
        yield Server(process, *address(process, log))
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def address(server: subprocess.Popen, log: Path) -> tuple[str, str]:
    """Where the server listens, as soon as it says so."""
    deadline = time.monotonic() + BEGIN
    while time.monotonic() < deadline and server.poll() is None:
        if found := re.search(r"\b(127\.0\.0\.1):([1-9]\d*)", log.read_text(encoding="utf-8", errors="replace")):
            return found[1], found[2]
        time.sleep(0.02)
    raise Trouble("It does not say where it listens.")
