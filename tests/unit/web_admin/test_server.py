"""The page under its real server: slow clients, clients that never leave, and the names of the configuration."""

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

SHORT = """
from web_admin import worker
from web_admin.gunicorn_settings import *

threads = 8
worker.HEAD_SECONDS, worker.REQUEST_SECONDS, worker.WRITE_SECONDS, worker.LINGER_SECONDS = 1.0, 2.0, 1, 0.5
worker.THREADS_PER_ADDRESS = {share}
worker._counted_address = lambda client: "192.0.2.7"
"""
STALLED = (
    b"",
    b"GET /login HTT",
    b"GET /login HTTP/1.1\r\nHost: localhost\r\nX: ",
    b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 60000\r\n\r\na",
    b"GET /login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",  # and then never closes
)


@dataclass
class Server:
    port: int
    process: subprocess.Popen[bytes]

    def get(self, path: str = "/login", host: str = "localhost", timeout: float = 10.0) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        connection.request("GET", path, headers={"Host": host, "Connection": "close"})
        return connection.getresponse()

    def send(self, octets: bytes) -> socket.socket:
        client = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        client.sendall(octets)
        return client


@contextmanager
def serving(folder: Path, share: int = 100, settings: str = "") -> Iterator[Server]:
    """Run the page under gunicorn with short limits; it must not have complained when it ends."""
    (folder / "appliance.toml").write_text(f'state_directory = "state"\n{settings}')
    (folder / "short.py").write_text(SHORT.format(share=share))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", f"--config={folder / 'short.py'}", f"--bind=127.0.0.1:{port}"]
    environment = os.environ | {"THECHIP_CONFIG": str(folder / "appliance.toml")}
    process = subprocess.Popen([*command, "web_admin.wsgi:app"], env=environment, stderr=subprocess.PIPE)
    server = Server(port, process)
    try:
        wait_for(server)
        yield server
    finally:
        process.terminate()
        _, said = process.communicate(timeout=20)
    assert b"Traceback" not in said, said.decode()


def wait_for(server: Server) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            server.get().read()
        except OSError:
            assert server.process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.1)
        else:
            return


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("server"), settings='allowed_hosts = ["chibo.lan"]\n') as server:
        yield server


def test_clients_that_stall_anywhere_are_cut_off_and_the_page_goes_on(running):
    server = running
    stalled = [server.send(octets) for octets in STALLED for _ in range(8)]
    began = time.monotonic()
    assert server.get(timeout=30).status == 200
    assert time.monotonic() - began < 25
    for client in stalled[8:]:
        client.settimeout(15)
        while client.recv(65536):
            pass  # what was answered before the end
        client.close()
    for client in stalled:
        client.close()
    assert server.get().status == 200


def test_somebody_who_drips_a_request_octet_by_octet_is_cut_off_too(running):
    client = running.send(b"GET /login HTTP/1.1\r\nHost: localhost\r\nX: ")
    is_connected = True
    while is_connected:
        try:
            client.sendall(b"x")
        except OSError:
            is_connected = False  # whichever way the line ends
        time.sleep(0.1)
    client.close()


def test_one_address_does_not_get_every_thread(tmp_path):
    with serving(tmp_path, share=3) as server:
        wait_until(lambda: is_turned_away_beside(3, server))
        wait_until(lambda: not is_turned_away(server))


def is_turned_away_beside(stalled: int, server: Server) -> bool:
    with ExitStack() as clients:
        for _ in range(stalled):
            clients.enter_context(server.send(b"GET /login HTTP/1.1\r\n"))
        return any(is_turned_away(server) for _ in range(20))


def is_turned_away(server: Server) -> bool:
    try:
        server.get().read()
    except (http.client.RemoteDisconnected, ConnectionError):
        return True
    return False


def wait_until(happened: Callable[[], bool]) -> None:
    """Wait as long as a busy machine may need; what is asked for comes within milliseconds on an idle one."""
    until = time.monotonic() + 10
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_the_configurations_names_are_answered_and_no_others(running):
    assert running.get(host="chibo.lan:8443").status == 200
    assert running.get(host="localhost").status == 200
    assert running.get(host="evil.example").status == 421


@pytest.mark.parametrize(
    "octets",
    [
        b"GET /login?\xff HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET http://evil.example/login HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /login HTTP/1.1\r\n\r\n",
        b"GET /login HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
        b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /login HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 20_000 + b"\r\n\r\n",
        b"GET /login HTTP/1.1\r\nHost: localhost\r\nbad header\r\n\r\n",
        b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
        b"POST /login HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\x00" * 100 + b"\r\n\r\n",
    ],
    ids=range(13),
)
def test_what_is_no_http_ends_in_a_client_error_without_a_trace(running, octets):
    client = running.send(octets)
    client.shutdown(socket.SHUT_WR)
    answer = b"".join(iter(lambda: client.recv(65536), b""))
    client.close()
    status = re.match(rb"HTTP/1\.1 (\d+)", answer)
    assert status is None or status[1] != b"500", answer
    assert b"Traceback" not in answer
    assert running.get().status == 200


@pytest.mark.parametrize(
    ("variable", "said"),
    [
        ("OTHER", "set THECHIP_CONFIG to a configuration file, or THECHIP_STATE to a state directory [config-error]"),
        ("THECHIP_CONFIG", "cannot be read [config-error]"),
    ],
)
def test_a_page_that_cannot_start_says_why_in_a_sentence(tmp_path, variable, said):
    command = [sys.executable, "-m", "gunicorn", "--config=python:web_admin.gunicorn_settings", "--bind=127.0.0.1:0"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("THECHIP_")}
    environment[variable] = str(tmp_path / "none.toml")
    ended = subprocess.run(
        [*command, "web_admin.wsgi:app"], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 4
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
