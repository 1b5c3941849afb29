#!/usr/bin/env python3
"""Proves that after set-up nothing needs a network: goes the way of a learner who has none."""

import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys

from course import BUILD, ROOT, another_learner, exercises, lessons

HERE = BUILD / "offline"  # always the same, so that ccache knows what it has compiled there before
SET_FLAGS, UP = 0x8914, 1  # SIOCSIFFLAGS and IFF_UP of netdevice(7)


def main() -> int:
    unshare = ["unshare", "--net", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    if not shutil.which("unshare") or subprocess.run([*unshare, "true"], capture_output=True).returncode:
        print("Nothing is proved: this machine does not permit a namespace without a network.")
        return 1
    return subprocess.run([*unshare, sys.executable, __file__, "inside"]).returncode


def inside() -> int:
    """What happens in the namespace, where no interface is but loopback."""
    interfaces = [name for _, name in socket.if_nameindex()]
    if interfaces != ["lo"]:
        print(f"Nothing is proved: there is a network here, {', '.join(interfaces)}.")
        return 1
    with socket.socket() as anything:  # loopback is down at first; programs may talk to each other
        fcntl.ioctl(anything, SET_FLAGS, struct.pack("16sh14x", b"lo", UP))
    solved = [exercise for exercise in exercises() if not exercise.is_layer]
    demos = [demo for lesson in lessons() for demo in lesson.demos][:1]
    goals = ["learn", *(exercise.id for exercise in solved), *(f"demo D={demo}" for demo in demos)]
    shutil.rmtree(HERE, ignore_errors=True)
    for exercise in solved:
        shutil.copytree(exercise.answers, HERE / "work" / exercise.folder.name)
    for goal in goals:
        made = subprocess.run(["make", *goal.split()], cwd=ROOT, env=another_learner(HERE / "work", HERE / "build"),
                              encoding="utf-8", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        if made.returncode:
            print(f"{made.stdout}Without a network, or always, this fails: make {goal}")
            return 1
        print(f"works: make {goal}", flush=True)
    print(f"Proved, with no network but loopback: nothing is left to install, the library builds from nothing, "
          f"{len(solved)} exercises pass, {len(demos)} demo runs.")
    return 0


if __name__ == "__main__":
    sys.exit(inside() if sys.argv[1:] == ["inside"] else main())
