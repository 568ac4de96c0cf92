"""port.py check PORT | answers PORT: may a page listen at this port of 127.0.0.1, does one answer there? 0 is yes."""

import errno
import http.client
import socket
import sys


def check(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as gunicorn does
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            why = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
            print(f"port {port} {why}; choose another with --port", file=sys.stderr)
            return False
        return True


def answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/kiosk")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


if __name__ == "__main__":
    what, number = sys.argv[1:]
    sys.exit(0 if {"check": check, "answers": answers}[what](int(number)) else 1)
