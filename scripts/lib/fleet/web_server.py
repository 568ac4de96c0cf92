"""The mirror: nginx over the published folder, on loopback, which writes down what every request costs.

An address begins with who asks and why (``/17/changed/metadata/timestamp.json``), so that the log tells them apart.
"""

import os
import shutil
import socket
import subprocess
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

_UNPACKED = Path(".venv", "debian", "usr", "sbin")
"""Where ``scripts/fleet`` leaves a package that nobody installed."""
_PATIENCE_S = 20.0
_CONFIGURATION = """
{user}
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 1024; }}
http {{
    default_type application/octet-stream;
    sendfile on;
    log_format costs "$client $visit $day $status $request_length $bytes_sent $connection";
    access_log {folder}/access.log costs;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen {address};
        location ~ ^/(?<client>[0-9]+)/(?<visit>[a-z]+)/(?<day>[0-9]+)/(?<file>.+)$ {{ alias {public}/$file; }}
    }}
}}
"""


@dataclass
class Cost:
    """What one visit cost, headers included; TCP, IP and TLS come on top."""

    sent: int = 0
    """Bytes of the server's."""
    received: int = 0
    """Bytes of the client's."""
    statuses: Counter[int] = field(default_factory=Counter)
    connections: set[int] = field(default_factory=set)

    @property
    def bytes(self) -> int:
        """Both ways."""
        return self.sent + self.received

    @property
    def requests(self) -> int:
        """How many."""
        return self.statuses.total()


@dataclass(frozen=True)
class WebServer:
    """A server that runs; ``log`` is complete when it has stopped."""

    address: str
    log: Path

    def for_visit(self, client: int, visit: str, day: int) -> str:
        """Return the mirror's address as a client knows it at this visit."""
        return f"{self.address}{client}/{visit}/{day}/"

    def costs(self) -> dict[tuple[int, str, int], Cost]:
        """Return what visits cost, by client, visit and day."""
        costs: dict[tuple[int, str, int], Cost] = defaultdict(Cost)
        for line in self.log.read_text().splitlines():
            client, visit, *numbers = line.split()
            day, status, received, sent, connection = map(int, numbers)
            cost = costs[int(client), visit, day]
            cost.sent += sent
            cost.received += received
            cost.statuses[status] += 1
            cost.connections.add(connection)
        return costs


@contextmanager
def serving(public: Path, folder: Path) -> Iterator[WebServer]:
    """Serve a published folder while the context lasts; it ends with whoever began it, killed or not."""
    folder.mkdir()
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        address = "{}:{}".format(*listener.getsockname())
        configuration = folder / "nginx.conf"
        user = "user root;" if os.geteuid() == 0 else ""
        configuration.write_text(_CONFIGURATION.format(folder=folder, address=address, public=public, user=user))
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", _nginx(), "-c", configuration, "-e", folder / "error.log"],
            pass_fds=[listener.fileno()],
            env=os.environ | {"NGINX": f"{listener.fileno()};"},  # it takes the open socket over
        )
        try:
            _wait_for(folder / "nginx.pid", process)
            yield WebServer(f"http://{address}/", folder / "access.log")
        finally:
            process.terminate()
            process.wait(_PATIENCE_S)


def _nginx() -> str:
    places = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", str(_UNPACKED)])
    found = shutil.which("nginx", path=places)
    if found is None:
        msg = "nginx is not there: scripts/fleet brings it"
        raise SystemExit(msg)
    return found


def _wait_for(path: Path, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not path.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            msg = "nginx did not start; its words are above"
            raise SystemExit(msg)
        time.sleep(0.01)
