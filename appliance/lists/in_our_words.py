"""What python-tuf, a source or the storage says, in our words: a reason code, and a sentence to act on."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from ssl import SSLCertVerificationError
from typing import Final

from tuf.api.exceptions import (
    BadVersionNumberError,
    DownloadError,
    DownloadHTTPError,
    DownloadLengthMismatchError,
    ExpiredMetadataError,
    LengthOrHashMismatchError,
    RepositoryError,
    SlowRetrievalError,
    UnsignedMetadataError,
)
from tuf.api.serialization import DeserializationError

from appliance.errors import (
    ApplianceError,
    ListAltered,
    ListExpired,
    ListNotSigned,
    ListRefused,
    ListRolledBack,
    SourceIncomplete,
    SourceUnreachable,
    StorageFull,
)

_HTTP_MISSING: Final = frozenset((403, 404, 410))
_HTTP_ELSEWHERE: Final = range(300, 400)
_NO_ROOM: Final = frozenset((errno.ENOSPC, errno.EDQUOT))


@contextmanager
def in_our_words() -> Iterator[None]:
    """Raise an error of ours for whatever python-tuf raises inside."""
    try:
        yield
    except (RepositoryError, DeserializationError) as error:
        raise _refusal(error) from error
    except DownloadError as error:
        if isinstance(error.__cause__, ApplianceError):
            raise error.__cause__ from None
        raise _trouble(error) from error
    except OSError as error:
        raise _storage_trouble(error) from error


def _refusal(error: Exception) -> ListRefused:
    meanings: tuple[tuple[type[Exception], ListRefused], ...] = (
        (UnsignedMetadataError, ListNotSigned("the lists are not signed by those who must sign them")),
        (BadVersionNumberError, ListRolledBack("older lists than this device has seen, or old ones among new ones")),
        (ExpiredMetadataError, ListExpired("the lists of this source have expired; look for a newer copy")),
        (LengthOrHashMismatchError, ListAltered("a list is not the one that was signed: altered or cut off")),
    )
    for kind, meaning in meanings:
        if isinstance(error, kind):
            return meaning
    return ListRefused("the metadata of the lists is damaged, or mixed from several publications")


def _trouble(error: DownloadError) -> ApplianceError:
    if isinstance(error, DownloadLengthMismatchError):
        return ListAltered("a file of the lists is longer than it may be")
    if isinstance(error, SlowRetrievalError):
        return SourceUnreachable("the source answers too slowly")
    if isinstance(error, DownloadHTTPError):
        return _http_trouble(error)
    cause: BaseException | None = error
    while cause is not None:  # python-tuf wraps what a fetcher raises
        if isinstance(cause, SSLCertVerificationError):
            why = f"{cause.verify_message}; is this device's clock right?"
            return SourceUnreachable(f"the certificate of the mirror is not believed: {why}")
        if isinstance(cause, OSError) and cause.errno in _NO_ROOM:
            return _storage_trouble(cause)
        cause = cause.__cause__
    return SourceUnreachable("the source cannot be read; is the network, or the stick, still there?")


def _http_trouble(error: DownloadHTTPError) -> ApplianceError:
    """Return our error for an answer without a file; fetchers name the file."""
    name, status = str(error), error.status_code
    if status in _HTTP_MISSING and name.endswith("timestamp.json"):
        return SourceIncomplete("there are no lists at this place: it has no metadata/timestamp.json")
    if status in _HTTP_MISSING:
        return SourceIncomplete(f"the source lacks the file {name}; its copy is not complete")
    if status in _HTTP_ELSEWHERE:
        return SourceUnreachable("the source sends us elsewhere; does this network want somebody to log in?")
    return SourceUnreachable(f"the source answers with the error {status}")


def _storage_trouble(error: OSError) -> ApplianceError:
    if error.errno in _NO_ROOM:
        return StorageFull("no room is left for new lists; those in use stay in use")
    return SourceUnreachable("the lists cannot be read or written; is the stick still there?")
