"""Diffie-Hellman modulo a prime, with the constant-time arithmetic of ``cryptography`` (PKCS #3, RFC 2631).

``cryptography`` regards it as obsolete, warns when it is imported, and moves it to its ``decrepit`` module in a later
release. Cards keep it: so it is taken from wherever it is, and where it is nowhere, it is refused by name.
"""

import importlib
import warnings
from types import ModuleType

from verifier.errors import UnsupportedFeature

_PLACES = ("cryptography.hazmat.decrepit.asymmetric.dh", "cryptography.hazmat.primitives.asymmetric.dh")


def _library() -> ModuleType | None:
    for place in _PLACES:
        try:
            return importlib.import_module(place)
        except ModuleNotFoundError:
            continue
    return None


with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    _DH = _library()
    _PARAMETERS = getattr(_DH, "DHParameterNumbers", None)
    _PUBLIC = getattr(_DH, "DHPublicNumbers", None)
    _PRIVATE = getattr(_DH, "DHPrivateNumbers", None)


def is_available() -> bool:
    """Tell whether this machine's ``cryptography`` still has Diffie-Hellman modulo a prime."""
    return _PRIVATE is not None


def power(base: int, exponent: int, *, p: int, g: int, q: int) -> bytes:
    """Return ``base ** exponent mod p`` as long as ``p`` is, leading zeros kept, in time that tells no exponent.

    ``base`` is an element of the subgroup of prime order ``q`` that ``g`` generates, other than 1, and
    ``1 <= exponent < q``; both are for the caller to see to. Raises ``UnsupportedFeature`` where ``is_available`` is
    false.
    """
    if _PARAMETERS is None or _PUBLIC is None or _PRIVATE is None:
        msg = "Diffie-Hellman modulo a prime is not supported by the cryptography library of this machine"
        raise UnsupportedFeature(msg)
    parameters = _PARAMETERS(p, g, q)
    # The library asks for our public key beside the private one and makes no use of it; any element serves.
    key = _PRIVATE(exponent, _PUBLIC(g, parameters)).private_key()
    shared: bytes = key.exchange(_PUBLIC(base, parameters).public_key())
    return shared
