"""A mirror in a process of its own: FOLDER [CERTIFICATE]; a line with its port, then one for each connection.

Each says how many bytes TCP carried, both ways, TLS included.
"""

import socket
import ssl
import struct
import sys
from functools import partial
from http.server import HTTPServer, SimpleHTTPRequestHandler

_ACKED_AND_RECEIVED = struct.Struct("=120x2Q")
"""In ``struct tcp_info`` of linux/tcp.h: ``tcpi_bytes_acked`` and ``tcpi_bytes_received``."""


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def finish(self) -> None:
        super().finish()
        info = self.connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _ACKED_AND_RECEIVED.size)
        print(sum(_ACKED_AND_RECEIVED.unpack(info)), flush=True)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 – its parent calls it so
        """Say nothing."""


def main() -> None:
    folder, *certificate = sys.argv[1:]
    server = HTTPServer(("127.0.0.1", 0), partial(_Handler, directory=folder))
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate[0])
        server.socket = context.wrap_socket(server.socket, server_side=True)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
