#!/usr/bin/env python3
"""Tests of the checks: what counts as a proof, which programs that takes, and what is left behind.

Nothing is built here: what a compiler or a program says is pretended. Works in build/checks. Prints a
line for each test, and at the end `N passed, N failed`.
"""

import difflib
import os
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent.parent / "build/checks"
os.environ |= {"NARA_BUILD": str(HERE), "NARA_WORK": str(HERE / "work")}  # course.py reads them

from pretend import main, test  # noqa: E402
import clients  # noqa: E402
import course  # noqa: E402
import crowd  # noqa: E402
import lossy  # noqa: E402
import proofs  # noqa: E402
from course import Build, Exercise, Trouble  # noqa: E402
from programs import Run  # noqa: E402
from texts import read, write  # noqa: E402

LAYERS = {layer.id: layer for layer in proofs.layers()}
FIRST = LAYERS["02-layer"]  # it has tests that come before all others
OTHER = LAYERS["08-layer"]


def patch(layer: Exercise, *head: str) -> Path:
    """A patch that changes a file of the layer; with these lines above it."""
    name, text = next(iter(proofs.layer_files(layer).items()))
    lines = text.splitlines(keepends=True)
    diff = difflib.unified_diff(lines, [*lines, "// changed\n"], f"a/{name}", f"b/{name}")
    path = HERE / "a.patch"
    write(path, "".join([*(f"{line}\n" for line in head), *diff]))
    return path


def tried(layer: Exercise, patch: Path, proof=proofs.wrong_layer, **says: str) -> tuple[str, str]:
    """What is found out about a wrong layer, and the programs that were run, if those which `says`
    names fail with such words, and all others pass."""
    programs = []

    def run(_, program: str, *options: str, **environment: str) -> Run:
        programs.append(" ".join([program.removeprefix(f"lesson-{layer.lesson.number}") or "all", *options]))
        words = says.get(programs[-1].split()[0].strip("-."), "")
        return Run(bool(words), words)

    proofs.built_and_run = proofs.run_tests = run
    return proof(layer, patch), ", ".join(programs)


def same(is_: object, should_be: object) -> None:
    assert is_ == should_be, f"should be {should_be!r}, but is {is_!r}"


@test("a wrong layer that fails in the first tests as announced is proved wrong by them")
def _():
    same(tried(FIRST, patch(FIRST, "expect: lost == 0"), first="should be: lost == 0"), ("", "-first -tse=cost"))


@test("one that fails in the first tests in another way is a fault: a learner sees nothing else")
def _():
    fault, programs = tried(FIRST, patch(FIRST, "expect: lost == 0"), first="a crash", all="should be: lost == 0")
    assert "does not say: lost == 0" in fault and "a crash" in fault, fault
    same(programs, "-first -tse=cost")


@test("one that passes the first tests has to fail in all of the lesson's")
def _():
    head = "expect: lost == 0"
    both = "-first -tse=cost, all -tse=cost"
    same(tried(FIRST, patch(FIRST, head), all="should be: lost == 0"), ("", both))
    same(tried(FIRST, patch(FIRST, head)), ("It passes all tests.", both))


@test("where the name of a test is expected, the file of that test is enough")
def _():
    folder = OTHER.lesson.folder / "tests"
    name, file = next((name, file) for name, file in proofs.tests(folder).items() if file.stem == "select_fair")
    announced = patch(OTHER, f"expect: {name}")
    same(tried(OTHER, announced, select_fair=name), ("", ".select_fair -tse=cost"))
    assert tried(OTHER, announced, select_fair="a crash")[0].startswith("It fails, but does not say")
    same(tried(OTHER, announced, all=name), ("", ".select_fair -tse=cost, all -tse=cost"))
    same(file.parent, folder)


@test("one that is right but too dear has to pass all tests but those of cost")
def _():
    dear = patch(FIRST, "expect: one allocation", "gate: cost")
    same(tried(FIRST, dear), ("It passes all tests.", "all -tse=cost, all -ts=cost"))
    fault, programs = tried(FIRST, dear, all="one allocation")
    assert fault.startswith("Its behaviour should be right"), fault
    same(programs, "all -tse=cost")


@test("a planted bug has to be found by the stress test that it names")
def _():
    name = "a set whose tasks run on other threads loses nothing, and keeps nothing"
    filter = "-tc=" + name.replace(",", "?")
    planted = patch(OTHER, f"expect: {name}", "expect: lost")
    programs = f".stress {filter} -aa=1"
    same(tried(OTHER, planted, proofs.missed, stress=f"{name}: lost"), ("", programs))
    runs = proofs.PATIENCE // proofs.ROUNDS
    same(tried(OTHER, planted, proofs.missed), ("It passes all tests.", ", ".join([programs] * runs)))
    fault, _ = tried(OTHER, planted, proofs.missed, stress=name)
    assert fault.startswith("It fails, but does not say: lost"), fault
    same(tried(OTHER, patch(OTHER, "expect: lost"), proofs.missed)[1], "")


@test("one without an announcement, or whose patch does not fit, is a fault")
def _():
    assert tried(FIRST, patch(FIRST))[0].startswith("It should begin with `expect: `")
    assert tried(FIRST, patch(OTHER, "expect: anything"))[0].startswith("It cannot be applied")


@test("all layers are swapped for copies, and what was changed in one is gone when the next is tried")
def _():
    def changed() -> list[str]:
        return [f"{layer.id}/{name}" for layer in LAYERS.values() for name, text in proofs.layer_files(layer).items()
                if read(layer.work / name) != text]

    mine = proofs.swapped("asan").options["NARA_MINE"]
    same(mine, ";".join(layer.lesson.number for layer in LAYERS.values()))
    same(changed(), [])
    for layer in (FIRST, OTHER):
        name = next(iter(proofs.layer_files(layer)))
        proofs.swapped("asan", layer, {name: "// mine\n"})
        same(changed(), [f"{layer.id}/{name}"])
    proofs.swapped("tsan")
    same(changed(), [])


@test("a build that fails is a fault, also when no compiler has said why")
def _():
    def fail(*_) -> str:
        raise Trouble("[1/2] Building CXX object a.o\nFAILED: a.o \nclang++ a.cpp\nninja: build stopped: subcommand failed.")

    build, run = Build("asan"), course._run
    build.configure = lambda: None
    course._run = fail
    try:
        assert "without a word" in proofs.faults(build, ["a"]).get("a", "")
    finally:
        course._run = run


SERVER = """#!/usr/bin/env python3
import os, signal, socket
door = socket.create_server(("127.0.0.1", 0))
signal.signal(signal.SIGINT, lambda *_: os._exit(END))
print("I listen at", SAYS, flush=True)
while True:
    door.accept()[0].sendall(b"hello\\n")
"""


def talked(says: str = '"127.0.0.1:%d" % door.getsockname()[1]', end: str = "130", **case: str) -> str:
    """What is found out about a server and a client that reads what it says."""
    program = HERE / "server"
    write(program, SERVER.replace("SAYS", says).replace("END", end))
    program.chmod(0o755)
    return clients.fault(program, clients.Case("05-9", "a client", **{"command": READ, "prints": "hello"} | case))


READ = 'python3 -c "import socket; print(socket.create_connection((\'$host\', $port)).recv(9))"'


@test("a client and a server that get on are no fault, in whichever way the server ends on Ctrl-C")
def _():
    same(talked(), "")
    same(talked(end="0"), "")


clients.BEGIN = 1  # not as patient as with a program that is instrumented


@test("it is a fault when the client gets something else, and when the server says no address or crashes")
def _():
    for fault, words in [(talked(prints="bye"), "prints:\nb'hello"), (talked(says='"home"'), "It does not say where"),
                         (talked(end="86"), "ended with code 86"), (talked(command="exit 1"), "prints:")]:
        assert words in fault and "I listen at" in fault, fault


@test("what needs a client that is not here is left out")
def _():
    case = clients.Case("05-9", "nobody", "wrk -t1", "")
    which, clients.shutil.which = clients.shutil.which, lambda name: None
    try:
        same(case.clients, ["wrk"])
        same([*clients.findings(Build("asan"), [case])], [])
    finally:
        clients.shutil.which = which


@test("a program that stands in front of another is told where that is")
def _():
    behind, front = HERE / "behind", HERE / "front"
    write(behind, SERVER.replace("SAYS", '"127.0.0.1:%d" % door.getsockname()[1]').replace("END", "0"))
    write(front, """#!/usr/bin/env python3
import os, signal, socket, sys
host, port = sys.argv[2].split(":")
door = socket.create_server(("127.0.0.1", 0))
signal.signal(signal.SIGINT, lambda *_: os._exit(0))
print("127.0.0.1:%d" % door.getsockname()[1], flush=True)
while True:
    door.accept()[0].sendall(socket.create_connection((host, int(port))).recv(9))
""")
    for program in (behind, front):
        program.chmod(0o755)
    case = clients.Case("05-9", "a client", READ, "hello", behind="05-8")
    same(clients.fault(front, case, behind), "")
    same(clients.fault(front, case, behind, within=("env",)), "")


ECHO = """#!/usr/bin/env python3
import os, signal, socket, threading
door = socket.create_server(("127.0.0.1", 0), backlog=500)
signal.signal(signal.SIGINT, lambda *_: END)
print("127.0.0.1:%d" % door.getsockname()[1], flush=True)
kept = []
def serve(stream):
    try:
        for line in stream.makefile("rb"):
            stream.sendall(line)
            KEEP
    except OSError:
        pass
while True:
    stream = door.accept()[0]
    SERVE
"""


def crowded(test=crowd.hostile, end: str = "os._exit(0)", keep: str = "pass",
            serve: str = "threading.Thread(target=serve, args=(stream,), daemon=True).start()") -> str:
    """What is found out about an echo server, by a test with many clients."""
    program = HERE / "echo"
    write(program, ECHO.replace("END", end).replace("KEEP", keep).replace("SERVE", serve))
    program.chmod(0o755)
    return crowd.fault([program], lambda server: test(crowd.Talk("05-9", crowd.LONG, crowd.LONG), server))


crowd.SECONDS, crowd.CROWD, clients.LIMIT = 1, 200, 3


@test("a server that stands a crowd is no fault")
def _():
    same(crowded(), "")
    same(crowded(crowd.many), "")


@test("it is a fault when clients have to wait for others, when memory grows, and when it does not end")
def _():
    for fault, words in [(crowded(serve="serve(stream)"), "Nothing was heard"),
                         (crowded(keep="kept.append(line * 9)"), "MiB more"),
                         (crowded(end="None"), "timed out"),
                         (crowded(crowd.many, serve="stream.close()"), "Connection reset|hung up")]:
        assert re.search(words, fault), fault


@test("where so many descriptors are not allowed, or a network cannot be made, that is left out")
def _():
    limit, crowd.resource.getrlimit = crowd.resource.getrlimit, lambda _: (150, 200)
    run, lossy.run = lossy.run, lambda *_: no_such_program()
    try:
        assert "200 descriptors" in crowd.room()
        same([*lossy.findings(Build("asan"))], [])
    finally:
        crowd.resource.getrlimit, lossy.run = limit, run


def no_such_program() -> None:
    raise FileNotFoundError("There is no such program.")


if __name__ == "__main__":
    sys.exit(main(HERE))
