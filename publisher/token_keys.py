"""Keys in a PKCS#11 token: found by a URI such as ``hsm:2?label=thechip``, used without ever leaving it.

Which library talks to the token says the environment variable ``PYKCS11LIB``, as securesystemslib has it. Its keys are
on the curves P-256 or P-384.
"""

from dataclasses import dataclass
from typing import Self
from urllib import parse

from securesystemslib.exceptions import UnsupportedLibraryError
from securesystemslib.signer import HSMSigner, Key, Signature, Signer, SSlibKey

from publisher.errors import PublisherError, TokenError, WrongUsage
from publisher.passphrases import Passphrases


@dataclass(frozen=True, slots=True)
class TokenKey:
    """Where a key in a token is found, and the name by which its PIN is asked for: ``timestamp-pin``."""

    name: str
    uri: str

    @classmethod
    def of(cls, role: str, uri: str) -> Self:
        """Return the key of a role: its PIN must not be taken for the passphrase of the role's key in a file."""
        return cls(f"{role}-pin", uri)

    @property
    def number(self) -> int:
        """The key's CKA_ID. Raises ``WrongUsage`` where the URI names none."""
        path = self._parsed.path
        if self._parsed.scheme != HSMSigner.SCHEME or not (path == "" or (path.isascii() and path.isdecimal())):
            msg = "a key in a token is named like hsm:2?label=thechip"
            raise WrongUsage(msg)
        return int(path) if path else HSMSigner.SCHEME_KEYID

    @property
    def label(self) -> str | None:
        """The token's label; without one, only one token may be there."""
        return dict(parse.parse_qsl(self._parsed.query)).get("label")

    @property
    def _parsed(self) -> parse.ParseResult:
        return parse.urlparse(self.uri)


def import_key(token: TokenKey, passphrases: Passphrases) -> SSlibKey:
    """Read a key's public half from its token. Raises ``TokenError``, ``PassphraseMissing``, ``WrongUsage``."""
    number, label = token.number, token.label
    try:
        _, key = HSMSigner.import_(number, label, lambda _: passphrases(token.name).decode())
    except PublisherError:
        raise
    except Exception as error:  # what a token's own library raises, nobody lists
        raise _failed(token, "its key cannot be read", error) from error
    return key


def open_signer(token: TokenKey, key: Key, passphrases: Passphrases) -> Signer:
    """Return who signs in the token. The PIN is asked for now. Raises ``TokenError``, ``PassphraseMissing``."""
    if not isinstance(key, SSlibKey):
        msg = f"the key of {token.name} is of a kind that no token holds"
        raise TokenError(msg)
    pin = passphrases(token.name).decode()
    try:
        return _TokenSigner(token, key, pin)
    except (ValueError, UnsupportedLibraryError) as error:
        raise _failed(token, "it cannot be used", error) from error


class _TokenSigner(HSMSigner):
    """A signer whose failures are typed."""

    def __init__(self, token: TokenKey, key: SSlibKey, pin: str) -> None:
        super().__init__(token.number, key, lambda _: pin, token.label)
        self._token = token

    def sign(self, payload: bytes) -> Signature:
        try:
            return super().sign(payload)
        except Exception as error:
            raise _failed(self._token, "it did not sign", error) from error


def _failed(token: TokenKey, what: str, error: Exception) -> TokenError:
    why = str(error) or type(error).__name__
    sentence = f"the token {token.uri} of {token.name}: {what} ({why}); is it there, its PIN right, PYKCS11LIB set?"
    return TokenError(sentence)
