#!/usr/bin/env python3
"""Installs the library into an empty folder, and builds the project outside/ on it: once with CMake,
once with pkg-config. The project runs, and ends when it is told to."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "tools"))

from course import ROOT, Build  # noqa: E402

CXX = subprocess.run([ROOT / "tools/setup.sh", "compiler"], capture_output=True, text=True).stdout.strip()


def succeed(*command, **options) -> str:
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    assert done.returncode == 0, done.stdout
    return done.stdout


def with_cmake(prefix: Path, folder: Path) -> list:
    """An outside project finds the library with find_package()."""
    succeed("cmake", "-S", HERE / "outside", "-B", folder, f"-DCMAKE_PREFIX_PATH={prefix}", f"-DCMAKE_CXX_COMPILER={CXX}")
    succeed("cmake", "--build", folder)
    return [folder / "outside"]


def with_pkg_config(prefix: Path, folder: Path) -> list:
    """An outside program finds the library with pkg-config."""
    [file] = prefix.rglob("nara.pc")
    flags = succeed("pkg-config", "--cflags", "--libs", "nara", env=os.environ | {"PKG_CONFIG_PATH": str(file.parent)})
    folder.mkdir()
    succeed(CXX, HERE / "outside/main.cpp", "-o", folder / "outside", *flags.split())
    [library] = {path.parent for path in prefix.rglob("libnara.so")}
    return ["env", f"LD_LIBRARY_PATH={library}", folder / "outside"]


def main() -> int:
    build = Build("release")
    build.build("nara")
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        prefix = Path(folder, "installed")
        succeed("cmake", "--install", build.folder, "--prefix", prefix)
        for way in with_cmake, with_pkg_config:
            try:
                program = way(prefix, Path(folder, way.__name__))
                said = succeed(*program)
                assert said == "early\nlate\n", said
                endless = subprocess.Popen([*program, "for ever"], stdout=subprocess.PIPE)
                assert endless.stdout.readline() == b"early\n"
                endless.send_signal(signal.SIGINT)
                assert endless.wait(60) == 130, f"it ended with {endless.returncode}"
            except AssertionError as error:
                failed += 1
                print(f"{way.__doc__}\n{error}")
    print(f"{2 - failed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
