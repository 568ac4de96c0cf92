"""A mirror: any static web server with the published folder. HTTPS keeps who asks for which list to themselves.

Nothing that it says is believed, so a mirror is at most slow or useless. Long files are kept while they come, and a
try that was cut off goes on where it ended.
"""

import hashlib
import re
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import IO, Final
from urllib.parse import urlsplit

from tuf.api.exceptions import (
    DownloadError,
    DownloadHTTPError,
    DownloadLengthMismatchError,
    RepositoryError,
    SlowRetrievalError,
)
from tuf.ngclient import FetcherInterface

from appliance.lists.sources.paced import Pace, connection_to

RESUMED_FROM: Final = 1 << 18
"""Bytes from which on a list is kept while it comes."""
_NAME_OF_LIST: Final = re.compile(r"([0-9a-f]{64})\.")
_CHUNK: Final = 1 << 14
"""Bytes; so much is lost at most when a connection is."""
_NO_CHECK_TIME: Final = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME of OpenSSL."""
_OK, _PARTIAL, _OUT_OF_RANGE = 200, 206, 416
_HEADERS: Final = {"User-Agent": "thechip", "Accept-Encoding": "identity"}


class MirrorFetcher(FetcherInterface):
    """Fetches from one mirror, over one connection that stays. Close it.

    Args:
        base_url: the mirror's address, ending in a slash.
        partial: a folder for what is under way.
        check_certificate_time: whether the server's certificate must be valid now; a device whose clock stands at 1970
            could otherwise never learn the time.
        certificates: whom to believe that a server is this one; the system's authorities unless told.
        on_bytes: told how many bytes came.
        gives_way: asked while it waits, whether somebody else is to be let in.
        clock: seconds of a clock that never jumps.
    """

    def __init__(
        self,
        base_url: str,
        partial: Path,
        *,
        check_certificate_time: bool = True,
        certificates: Path | None = None,
        on_bytes: Callable[[int], None] = lambda _: None,
        gives_way: Callable[[], bool] = lambda: False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.base_url = base_url
        self._partial = partial
        self._named = hashlib.sha256(base_url.encode()).hexdigest()[:16]
        """Each mirror goes on with its own beginnings: one that lies spoils nobody else's."""
        self._on_bytes = on_bytes
        self._pace = Pace(clock, gives_way)
        self._has_stayed = False
        self._response: HTTPResponse | None = None
        address = urlsplit(base_url)
        context = None
        if address.scheme == "https":
            context = ssl.create_default_context(cafile=certificates)
            if not check_certificate_time:
                context.verify_flags |= ssl.VerifyFlags(_NO_CHECK_TIME)
        self._connection = connection_to(address.hostname or "", address.port, context, self._pace)

    def close(self) -> None:
        """Close the connection; an answer that announced to be the last one has the socket for itself."""
        self._connection.close()
        if self._response is not None:
            self._response.close()

    def _fetch(self, url: str) -> Iterator[bytes]:
        return self._chunks(self._request(url))

    @contextmanager
    def download_file(self, url: str, max_length: int) -> Iterator[IO[bytes]]:
        """Give the file at ``url``; a long list, of which the length is known, begins with what an earlier try left.

        What an earlier try left may have been spoilt by a power cut, since it was not forced out: then all comes anew.
        What does not hold what was signed is thrown away, so that a liar cannot spoil the next try.
        """
        sha256 = _sha256_in_its_name(url)
        if max_length < RESUMED_FROM or sha256 is None:
            with super().download_file(url, max_length) as file:
                yield file
            return
        kept = self._partial / f"{sha256}-{self._named}"
        with kept.open("a+b") as file:
            is_resumed = file.seek(0, 2) > 0
            self._go_on(url, file, max_length)
            if is_resumed and _sha256_of(file) != sha256:
                file.truncate(0)
                self._go_on(url, file, max_length)
            file.seek(0)
            try:
                yield file
            except RepositoryError:
                kept.unlink(missing_ok=True)
                raise
        kept.unlink(missing_ok=True)

    def _go_on(self, url: str, file: IO[bytes], max_length: int) -> None:
        """Download what is lacking; the file holds what came, whatever happens."""
        have = file.seek(0, 2)
        if have >= max_length:  # whole, or not what it must be; its hash will tell
            return
        response = self._request(url, have)
        if response.status != _PARTIAL:
            have = 0
            file.truncate(0)
        for chunk in self._chunks(response):
            have += len(chunk)
            if have > max_length:
                file.truncate(0)
                msg = f"more than {max_length} bytes came"
                raise DownloadLengthMismatchError(msg)
            file.write(chunk)
        file.flush()
        if have < max_length:
            msg = "the file was cut off on its way"
            raise DownloadError(msg)

    def _request(self, url: str, have: int = 0) -> HTTPResponse:
        """Ask for a file, from byte ``have`` on; a mirror that cannot go on there is asked for all of it."""
        with _as_download_errors():
            response = self._answer(url, {"Range": f"bytes={have}-"} if have else {})
            if response.status == _OUT_OF_RANGE and have:
                self._pass_over(response)
                response = self._answer(url, {})
            if response.status not in {_OK, _PARTIAL}:
                self._pass_over(response)
                raise DownloadHTTPError(url.removeprefix(self.base_url), response.status)
            return response

    def _answer(self, url: str, headers: dict[str, str]) -> HTTPResponse:
        """Send a request. That a server closed a connection which stayed meanwhile is no trouble of the mirror's."""
        stayed, self._has_stayed = self._has_stayed, True
        try:
            return self._send(url, headers)
        except ConnectionError:
            if not stayed:
                raise
            return self._send(url, headers)

    def _send(self, url: str, headers: dict[str, str]) -> HTTPResponse:
        self._pace.begin()
        try:
            self._connection.request("GET", urlsplit(url).path, headers=_HEADERS | headers)
            self._response = self._connection.getresponse()
        except (OSError, HTTPException, DownloadError, ValueError):
            self.close()
            raise
        return self._response

    def _pass_over(self, response: HTTPResponse) -> None:
        """Let a short answer that is of no use go by, so that the connection can stay."""
        response.read(_CHUNK)
        if not response.isclosed():
            self.close()

    def _chunks(self, response: HTTPResponse) -> Iterator[bytes]:
        is_whole = False
        try:
            with _as_download_errors():
                while chunk := response.read(_CHUNK):
                    self._pace.used(len(chunk))
                    self._on_bytes(len(chunk))
                    yield chunk
                if response.length:
                    msg = "the answer was cut off on its way"
                    raise DownloadError(msg)
            is_whole = True
        finally:
            if not is_whole:
                self.close()


def _sha256_in_its_name(url: str) -> str | None:
    """Return the hash that a list's published name begins with (TUF: consistent snapshot); metadata have none."""
    found = _NAME_OF_LIST.match(url.rpartition("/")[2])
    return None if found is None else found[1]


def _sha256_of(file: IO[bytes]) -> str:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type] # any binary file will do


@contextmanager
def _as_download_errors() -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise SlowRetrievalError from error
    except (OSError, HTTPException, ValueError) as error:  # ValueError: an address that cannot be sent
        raise DownloadError from error
