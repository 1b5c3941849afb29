#!/usr/bin/env python3
"""Tests of the build: what cmake/ promises, tried on a pretend course of three layers.

The pretend course (course/, beside this file) gets the real CMake files, and stands in a folder whose
name has a space. Its files do one thing: they say whose they are, the lesson's or the learner's. The
last tests look at the real libnara.so, which they build, unless they are given one:

    cmake/tests/run.py [build/dev/lib/libnara.so]
"""

import contextlib
import functools
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WITH_CCACHE = {name: value for name, value in os.environ.items() if name != "CCACHE_DISABLE"} | {"LC_ALL": "C"}
ENVIRONMENT = WITH_CCACHE | {"CCACHE_DISABLE": "1"}
CXX = os.environ.get("CXX") or subprocess.run(
    [ROOT / "tools/setup.sh", "compiler"], capture_output=True, text=True, check=True).stdout.strip()


def run(*command, cwd=None, env=ENVIRONMENT) -> tuple[int, str]:
    """Exit code, and everything that it printed."""
    done = subprocess.run(command, cwd=cwd, env=env, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def succeed(*command, cwd=None, env=ENVIRONMENT) -> str:
    code, output = run(*command, cwd=cwd, env=env)
    assert code == 0, output
    return output


def fail(message: str, *command, cwd=None) -> None:
    """Runs a command that has to fail, with a message that matches."""
    code, output = run(*command, cwd=cwd)
    assert code != 0, f"should have failed\n{output}"
    # CMake breaks its messages into lines.
    assert re.search(message, re.sub(r"\s+", " ", output)), f"should have said: {message}\n{output}"


class Course:
    """The pretend course, and its build folders."""

    def __init__(self, folder: Path):
        self.folder = folder
        shutil.copytree(HERE / "course", folder)
        for path in ("CMakeLists.txt", "CMakePresets.json", "lessons/CMakeLists.txt",
                     "exercises/CMakeLists.txt"):
            shutil.copy(ROOT / path, folder / path)
        shutil.copytree(ROOT / "cmake", folder / "cmake", ignore=shutil.ignore_patterns("tests"))

    def configuring(self, build: str, mine="", variants="") -> list:
        """The command that plans a build."""
        return ["cmake", "--preset", "dev", "-B", f"build/{build}", f"-DCMAKE_CXX_COMPILER={CXX}",
                f"-DNARA_MINE={mine}", f"-DNARA_VARIANTS={variants}"]

    def build(self, build: str, *targets: str) -> str:
        return succeed("cmake", "--build", f"build/{build}", "--target", *targets or ["all"], cwd=self.folder)

    @functools.cache
    def built(self, mine="") -> str:
        """The name of a build folder in which everything is built."""
        name = f"dev-mine-{mine}" if mine else "dev"
        succeed(*self.configuring(name, mine, variants=self.folder / "variants"), cwd=self.folder)
        self.build(name)
        return name

    def bin(self, build: str, program: str) -> Path:
        return self.folder / "build" / build / "bin" / program

    def whose(self, build: str) -> dict[str, str]:
        """What the demo prints: for each place whose file was used there."""
        output = succeed(self.bin(build, "demo-03-whose"))
        return dict(line.split(": ") for line in output.splitlines())

    def refuses(self, message: str, mine="") -> None:
        fail(message, *self.configuring("trial", mine), cwd=self.folder)

    def compiles(self, target: str) -> None:
        succeed(*self.configuring("trial"), cwd=self.folder)
        self.build("trial", target)

    def does_not_compile(self, target: str, message: str) -> None:
        succeed(*self.configuring("trial"), cwd=self.folder)
        fail(message, "cmake", "--build", "build/trial", "--target", target, cwd=self.folder)

    @contextlib.contextmanager
    def file(self, path: str, text: str):
        """For the duration of a `with`, there is such a file."""
        file = self.folder / path
        before = file.read_text(encoding="utf-8") if file.exists() else None
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        try:
            yield
        finally:
            if before is None:
                file.unlink()
            else:
                file.write_text(before, encoding="utf-8")

    @contextlib.contextmanager
    def without(self, path: str):
        """For the duration of a `with`, there is no such file or folder."""
        aside = self.folder / "aside"
        (self.folder / path).rename(aside)
        try:
            yield
        finally:
            aside.rename(self.folder / path)


TESTS = []


def test(sentence: str):
    def register(function):
        TESTS.append((sentence, function))
        return function
    return register


# --- What a layer sees


@test("a layer does not see the headers of a layer that it does not name")
def _(course):
    with (course.file("lessons/03-c/CMakeLists.txt", "nara_layer(03-c USES 01)"),
          course.file("lessons/03-c/src/peek.cpp", "#include <nara/b.hpp>")):
        course.does_not_compile("layer-03", r"peek\.cpp:.*nara/b\.hpp")


@test("a layer does not see the headers of a higher layer")
def _(course):
    with course.file("lessons/01-a/src/peek.cpp", "#include <nara/b.hpp>"):
        course.does_not_compile("layer-01", r"peek\.cpp:.*nara/b\.hpp")


@test("a layer sees the headers that a layer it names stands on")
def _(course):
    with course.file("lessons/03-c/src/peek.cpp", "#include <nara/a.hpp>"):
        course.compiles("layer-03")


@test("a layer does not see what is private to another")
def _(course):
    with course.file("lessons/02-b/src/peek.cpp", "#include <private.hpp>"):
        course.does_not_compile("layer-02", r"peek\.cpp:.*private\.hpp")


@test("a layer that uses itself, a higher layer, or none at all is refused")
def _(course):
    for used, message in {"02": "Layer 02 cannot use layer 02", "03": "Layer 02 cannot use layer 03",
                          "00": "Layer 02 cannot use layer 00", "1": "Layer 02 cannot use layer 1:",
                          "": "should be like"}.items():
        with course.file("lessons/02-b/CMakeLists.txt", f"nara_layer(02-b USES {used})"):
            course.refuses(message)


@test("a layer that has not the name of its folder is refused")
def _(course):
    for name in ("02-c", "b"):
        with course.file("lessons/02-b/CMakeLists.txt", f"nara_layer({name})"):
            course.refuses(rf"nara_layer\({name}\) stands in 02-b")


@test("an argument that nara_layer() does not know is refused")
def _(course):
    for arguments in ("01", "NEEDS 01", "01 USES 01"):
        with course.file("lessons/02-b/CMakeLists.txt", f"nara_layer(02-b {arguments})"):
            course.refuses(r"should be like nara_layer\(02-b USES 01 02\)")


# --- The library and the programs on it


@test("all layers are in libnara.so, and programs have none of them")
def _(course):
    build = course.built()
    symbols = succeed("nm", "-DC", "--defined-only", f"build/{build}/lib/libnara.so", cwd=course.folder)
    for function in ("a_source", "twin_source", "a_source_by_b_source", "c_source"):
        assert f" T nara::course::{function}()" in symbols, symbols
    for program in ("lesson-01", "lesson-03", "demo-03-whose"):
        symbols = succeed("nm", "-C", "--defined-only", course.bin(build, program))
        assert " T nara::" not in symbols, symbols
        assert "libnara.so" in succeed("readelf", "-d", course.bin(build, program)), program


@test("doctest's main is compiled once and linked once")
def _(course):
    folder = course.folder / "build" / course.built()
    objects = [path for path in folder.rglob("*.o")
               if " T doctest::Context::run()" in succeed("nm", "-C", path)]
    assert len(objects) == 1, objects
    for program in ("lesson-01", "lesson-03", "01-1.solution"):
        assert succeed("nm", folder / "bin" / program).count(" T main\n") == 1


@test("an edit of a layer's source compiles that file alone")
def _(course):
    build = course.built()
    source = (course.folder / "lessons/01-a/src/a.cpp").read_text(encoding="utf-8")
    with course.file("lessons/01-a/src/a.cpp", source + "// edited\n"):
        assert course.build(build).count("Building CXX") == 1
    course.build(build)


@test("what was compiled in one build folder, ccache has for all others")
def _(course):
    env = WITH_CCACHE | {"CCACHE_DIR": str(course.folder / "ccache")}
    for build in ("here", "there"):
        succeed(*course.configuring(build), cwd=course.folder)
        succeed("ninja", "-C", course.folder / "build" / build, "layer-01", env=env)
    counts = succeed("ccache", "--print-stats", env=env)
    assert re.search(r"^direct_cache_hit\s+2$", counts, re.M), counts


@test("a build of the lessons uses nothing of the learner's")
def _(course):
    assert set(course.whose(course.built()).values()) == {"lesson's"}


# --- The learner's layers


@test("the learner's files replace the lesson's of the same name, and all others are the lesson's")
def _(course):
    whose = course.whose(course.built("01"))
    assert whose["a.hpp"] == whose["a.cpp"] == "learner's", whose
    assert whose["twin.hpp"] == whose["twin.cpp"] == whose["c.cpp"] == "lesson's", whose
    assert whose["private.hpp in a.cpp"] == "lesson's", whose


@test("higher layers, and the lesson's own files, run on the learner's")
def _(course):
    whose = course.whose(course.built("01"))
    for place in ("a.hpp in twin.cpp", "a.hpp in b.cpp", "a.cpp by c.cpp"):
        assert whose[place] == "learner's", whose


@test("tests run on the learner's code, those of higher layers too")
def _(course):
    for build, code in {course.built(): 0, course.built("01"): 1}.items():
        for program in ("lesson-01", "lesson-03"):
            assert run(course.bin(build, program))[0] == code, f"{program} in {build}"


@test("tests are the lesson's, whatever the learner has in a folder tests/")
def _(course):
    with course.file("work/01-layer/tests/a.cpp", "#error"):
        course.build(course.built("01"))


def first_tests(course, file: str, function: str, head: str = "", check: str = "") -> list[str]:
    """Builds and runs first tests that call the function: on the lesson's layer, and on the learner's,
    which is to fail. Returns what the builds say."""
    text = f"""#include <doctest/doctest.h>
               #include <nara/a.hpp>
               {head}
               TEST_CASE("it is the lesson's") {{ CHECK(nara::{function}() == doctest::String("lesson's")); {check} }}"""
    said = []
    with course.file(f"lessons/01-a/tests/{file}", text):
        for mine, code in {"": 0, "01": 1}.items():
            build = f"{function}-{mine}"
            succeed(*course.configuring(build, mine), cwd=course.folder)
            said.append(course.build(build, "lesson-01-first"))
            assert run(course.bin(build, "lesson-01-first"))[0] == code
    return said


@test("the first tests of a lesson run on the learner's header, before anything else is built")
def _(course):
    for said in first_tests(course, "00-header.cpp", "a_header"):
        assert said.count("Building CXX") == 3, said  # with main, PCH


@test("first tests may need the library, too: then the learner's sources are in it")
def _(course):
    first_tests(course, "01-library.cpp", "a_source")


@test("what has a header of its own beside it is part of each program of the lesson's tests")
def _(course):
    with course.file("lessons/01-a/tests/helper.hpp", "int helper();"), \
         course.file("lessons/01-a/tests/helper.cpp", '#include "helper.hpp"\nint helper() { return 7; }'):
        first_tests(course, "01-helped.cpp", "a_source", '#include "helper.hpp"', "CHECK(helper() == 7);")


@test("a file that the learner adds or takes away is noticed by the next build")
def _(course):
    build = course.built("01")
    theirs = 'inline const char* private_header() { return "learner\'s"; }'
    with course.file("work/01-layer/src/private.hpp", theirs):
        course.build(build)
        whose = course.whose(build)
        assert whose["private.hpp in a.cpp"] == whose["private.hpp in twin.cpp"] == "learner's", whose
    with course.without("work/01-layer/src/a.cpp"):
        course.build(build)
        assert course.whose(build)["a.cpp"] == "lesson's"
    course.build(build)
    assert course.whose(build)["a.cpp"] == "learner's"


@test("two choices live side by side: to swap back compiles nothing")
def _(course):
    for mine in ("", "01", "", "01"):
        assert "no work to do" in course.build(course.built(mine))


@test("an object of one build does not link with the library of another")
def _(course):
    program = "lessons/03-c/CMakeFiles/demo-03-whose.dir/demos/03-whose.cpp.o"
    objects, library = (course.folder / "build" / course.built(mine) for mine in ("01", ""))
    link = [CXX, objects / program, "-o", course.folder / "mixture"]
    succeed(*link, objects / "lib/libnara.so")
    fail("undefined (reference|symbol).*nara::mine_01::", *link, library / "lib/libnara.so")


@test("`all` takes every layer that has files of the learner's")
def _(course):
    succeed(*course.configuring("trial", mine="all"), cwd=course.folder)
    course.build("trial", "demo-03-whose")
    whose = course.whose("trial")
    assert whose["a.cpp"] == whose["c.cpp"] == "learner's", whose
    assert "nara::mine_01_03::" in succeed("nm", "-C", course.bin("trial", "demo-03-whose"))
    with course.file("work/02-layer/src/more.cpp", ""):
        assert "Building CXX" in course.build("trial", "layer-02")
        assert "mine_01_02_03" in (course.folder / "build/trial/build.ninja").read_text(encoding="utf-8")


@test("`all` is refused when the learner has no layer")
def _(course):
    with course.without("work"):
        course.refuses("no layer in .*pretend course/work has files", mine="all")


@test("a layer that does not exist is refused when the learner asks for theirs")
def _(course):
    for mine, wrong in {"04": "04", "1": "1", "01;2": "2", "01,02": "01,02", "01 03": "01 03"}.items():
        course.refuses(f"names layer {wrong}, which does not exist. There are: 01, 02, 03.", mine)


@test("a layer without files is refused when the learner asks for theirs")
def _(course):
    message = r"names layer 02, but .*/work/02-layer has no files in include/ or src/. `make 02-layer`"
    course.refuses(message, mine="02")
    with course.file("work/02-layer/b.cpp", "// should be in src/"):
        course.refuses(message, mine="01;02")


# --- Exercises


@test("an exercise has its tests and its program with every variant of the files, and never a mixture")
def _(course):
    variants = ("starter", "solution", "work", "wrong")
    build = course.built()
    course.build(build, *(f"01-1.{variant}{suffix}" for variant in variants for suffix in ("", ".run")))
    for variant in variants:
        assert succeed(course.bin(build, f"01-1.{variant}.run")) == f"{variant}\n"
        assert run(course.bin(build, f"01-1.{variant}"))[0] == (variant != "solution")


@test("only solutions are built unasked; `starters` and `variants` ask for the others")
def _(course):
    build = course.built()
    for target, variant in {"all": "solution", "starters": "starter", "variants": "wrong"}.items():
        shutil.rmtree(course.bin(build, ""))
        course.build(build, target)
        there = [path.name for path in course.bin(build, "").glob("01-1.*") if path.suffix != ".run"]
        assert there == [f"01-1.{variant}"], f"{target}: {there}"
    course.build(build)


@test("where wrong solutions are tried, a file of a lesson's tests is a program, too, if somebody asks for it")
def _(course):
    build = course.built()
    assert not course.bin(build, "lesson-01.a").exists()
    course.build(build, "lesson-01.a")
    assert run(course.bin(build, "lesson-01.a"))[0] == 0
    course.bin(build, "lesson-01.a").unlink()
    succeed(*course.configuring("trial"), cwd=course.folder)
    fail("unknown target", "cmake", "--build", "build/trial", "--target", "lesson-01.a", cwd=course.folder)


@test("an exercise whose folder has no number is refused")
def _(course):
    with course.file("exercises/01-a/countdown/tests.cpp", ""):
        course.refuses("such as 01-1-countdown, not countdown")


# --- Presets and ctest


@test("every preset keeps its assertions, and files are named from the root of the course")
def _(course):
    for preset in ("dev", "release", "asan", "tsan", *["gcc"] * bool(shutil.which("g++-12"))):
        folder = course.folder / "build" / f"preset-{preset}"
        compiler = [] if preset == "gcc" else [f"-DCMAKE_CXX_COMPILER={CXX}"]
        succeed("cmake", "--preset", preset, "-B", folder, *compiler, cwd=course.folder)
        ninja = (folder / "build.ninja").read_text(encoding="utf-8")
        assert "NDEBUG" not in ninja and ("-O3" in ninja) == (preset == "release"), preset
        assert "-fmacro-prefix-map=" in ninja, preset


def ctest(course, *options: str) -> tuple[int, str]:
    return run("ctest", "--test-dir", f"build/{course.built()}", *options, cwd=course.folder)


@test("every doctest case is a test of ctest, whatever is in its name")
def _(course):
    source = (course.folder / "lessons/01-a/tests/a.cpp").read_text(encoding="utf-8")
    names = [name.replace('\\"', '"').replace("\\\\", "\\")
             for name in re.findall(r'TEST_CASE\("(.*?)"\) {', source)]
    listed = ctest(course, "-N")[1]
    for name in names:
        assert f": lesson-01: {name}\n" in listed, f"{name}\n{listed}"
    code, output = ctest(course, "-V")
    assert code == 0, output
    assert output.count("test cases: 1 | 1 passed |") == len(names) + 2, output


@test("a test program that is not built is a test that fails")
def _(course):
    with course.without(f"build/{course.built()}/bin/lesson-03"):
        code, output = ctest(course)
        assert code != 0 and re.search(r"\d - lesson-03 \(Not Run\)", output), output


# --- The real library


@functools.cache
def real_library(folder: Path) -> Path:
    if sys.argv[1:]:
        return Path(sys.argv[1]).resolve()
    succeed("cmake", "--preset", "dev", "-B", folder / "real", f"-DCMAKE_CXX_COMPILER={CXX}", cwd=ROOT)
    # Why with ccache: if build/dev is there, nothing is compiled.
    succeed("cmake", "--build", folder / "real", "--target", "nara", env=WITH_CCACHE)
    return folder / "real/lib/libnara.so"


@test("libnara.so can be loaded by a program that does not link it, and its threads do not mix")
def _(course):
    library, plug_in = real_library(course.folder), course.folder / "probe.so"
    includes = [f"-I{path}" for path in ROOT.glob("lessons/*/include")]
    succeed(CXX, "-std=c++2b", "-DNARA_BUILD=course", *includes, "-shared", "-fPIC", HERE / "probe.cpp",
            library, f"-Wl,-rpath,{library.parent}", "-o", plug_in)
    load = ("import ctypes, sys\n"
            "library, plug_in = map(ctypes.CDLL, sys.argv[1:])\n"
            "plug_in.probe.restype = ctypes.c_bool\n"
            "sys.exit(not plug_in.probe())\n")
    succeed(sys.executable, "-c", load, library, plug_in)


@test("the thread-locals of libnara.so are initial-exec and take less than 64 bytes")
def _(course):
    library = real_library(course.folder)
    assert "STATIC_TLS" in succeed("readelf", "-d", library)
    assert not re.search("DTPMOD|TLSDESC", succeed("readelf", "-rW", library)), "not all are initial-exec"
    segment = re.search(r"^ *TLS +\w+ +\w+ +\w+ +\w+ +(\w+)", succeed("readelf", "-lW", library), re.M)
    size = int(segment[1], 16)
    assert 0 < size < 64, f"{size} bytes"


def main() -> int:
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        course = Course(Path(folder) / "pretend course")
        for sentence, function in TESTS:
            start = time.monotonic()
            try:
                function(course)
                verdict, details = "passed", ""
            except Exception as error:
                lines = f"{type(error).__name__}: {error}".splitlines()
                verdict, details = "FAILED", "".join(f"    {line}\n" for line in lines[:40])
                failed += 1
            print(f"{verdict}  {sentence} ({time.monotonic() - start:.1f} s)\n{details}", end="", flush=True)
    print(f"{len(TESTS) - failed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
