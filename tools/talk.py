#!/usr/bin/env python3
"""Talks with a server, line by line: `make talk A=127.0.0.1:7001`.

What is typed is sent, and what comes is printed, each as soon as it is there. Ctrl-D says that there
is nothing more to send (half-close); what still comes is printed. It ends when the other side does. In
a pipe, it does the same with what comes through the pipe. For machines that have no nc.
"""

import os
import re
import select
import signal
import socket
import sys

from course import Mistake, Trouble

PATIENCE = 10  # seconds for somebody to answer
PIECE = 1 << 16
INPUT = 0


def parsed(text: str) -> tuple[str, int]:
    """The host and the port."""
    if not text:
        raise Mistake("Talk with whom? For example: make talk A=127.0.0.1:7001")
    if re.fullmatch(r"\d{1,5}", text):
        raise Mistake(f"{text} is a port, and of which machine? Of this one: make talk A=127.0.0.1:{text}")
    found = re.fullmatch(r"(?:\[([^]]+)\]|([^:[\]]+)):(\d{1,5})", text)
    if not found or not 0 < int(found[3]) < 1 << 16:
        raise Mistake(f"{text} is no address: write a host and a port, like 127.0.0.1:7001, localhost:7001 or [::1]:7001")
    return found[1] or found[2], int(found[3])


def connected(text: str) -> socket.socket:
    try:
        return socket.create_connection(parsed(text), timeout=PATIENCE)
    except (socket.gaierror, UnicodeError) as error:  # the second one when it cannot be a name at all
        raise Trouble(f"Nobody knows where {text} is: {getattr(error, 'strerror', error)}.") from None
    except ConnectionRefusedError:
        raise Trouble(f"Nobody listens at {text}. Is the server running? It needs a terminal of its own.") from None
    except ConnectionResetError:
        raise  # it was there for a moment
    except TimeoutError:
        raise Trouble(f"{text} does not answer.") from None
    except OSError as error:
        raise Trouble(f"{text} cannot be reached: {os.strerror(error.errno)}.") from None


def talk(peer: socket.socket) -> None:
    """Hands on in both directions at once, until the other side ends."""
    peer.setblocking(False)
    is_listened_to, unsent = True, b""
    while True:
        may_type = [INPUT] if is_listened_to and not unsent else []
        readable, writable, _ = select.select([peer, *may_type], [peer] if unsent else [], [])
        if peer in readable:
            if not (came := peer.recv(PIECE)):
                return
            show(came)
        if INPUT in readable:
            unsent = typed()
            is_listened_to = bool(unsent)
        if unsent or INPUT in readable:
            unsent = sent(peer, unsent)


def typed() -> bytes:
    try:
        return os.read(INPUT, PIECE)
    except OSError:
        return b""  # the terminal is gone


def sent(peer: socket.socket, data: bytes) -> bytes:
    """Sends as much as there is room for, and returns the rest. To send nothing is to end."""
    try:
        if data:
            return data[peer.send(data, socket.MSG_NOSIGNAL):]
        peer.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # there is no room; or the connection is gone, and the next recv() says so
    return data


def show(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def main() -> int:
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # nobody reads on: end in silence
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also if whoever started us ignores it
    is_person = os.isatty(INPUT)
    try:
        address = "".join(sys.argv[1:2])
        with connected(address) as peer:
            if is_person:
                print(f"You talk with {address}. Ctrl-D when you have said all.", file=sys.stderr)
            talk(peer)
        if is_person:
            print("The other side has ended.", file=sys.stderr)
        return 0
    except KeyboardInterrupt:
        return 130
    except ConnectionResetError:
        print("The other side has thrown the connection away.", file=sys.stderr)
        return 1
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return trouble.exit_code


if __name__ == "__main__":
    sys.exit(main())
