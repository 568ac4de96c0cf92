"""Signatures that were good stay good: what need not be verified again at every tap."""

from collections import OrderedDict
from threading import Lock
from typing import TypeAlias

from verifier.pki.certificate import Certificate
from verifier.pki.crl import CertificateRevocationList
from verifier.pki.public_key import PublicKey, SignatureVerdict

MAX_REMEMBERED = 1024
"""Signatures; far more than one station meets signers, links and CRLs."""
_Key: TypeAlias = tuple[bytes, bytes]


class VerifiedSignatures:
    """Remembers which certificates and CRLs bear a good signature of which key. May be shared between threads.

    A signature depends on nothing but the signed bytes and the key, so what was found once holds for ever; dates, names
    and revocation are judged anew each time. Only good signatures are remembered: whatever a hostile card brings must
    have been signed by one of the store's own keys to take a place here. Where all places are taken, the one that was
    not asked for the longest makes room.
    """

    def __init__(self, limit: int = MAX_REMEMBERED) -> None:
        self._limit = limit
        self._good: OrderedDict[_Key, SignatureVerdict] = OrderedDict()
        self._lock = Lock()

    def __reduce__(self) -> tuple[type["VerifiedSignatures"], tuple[int]]:
        """Begin anew in another process: to remember is to save time, and nothing is lost by forgetting."""
        return VerifiedSignatures, (self._limit,)

    def __len__(self) -> int:
        return len(self._good)

    def verify(self, signed: Certificate | CertificateRevocationList, key: PublicKey) -> SignatureVerdict:
        """Return the verdict on a signature. Raises ``MalformedData`` or ``UnsupportedFeature``, as the key does."""
        place = (signed.fingerprint, key.der)
        with self._lock:
            known = self._good.get(place)
            if known is not None:
                self._good.move_to_end(place)
                return known
        verdict = signed.is_signed_by(key)
        if verdict:
            with self._lock:
                self._good[place] = verdict
                while len(self._good) > self._limit:
                    self._good.popitem(last=False)
        return verdict
