"""Signatures that were good stay good: what need not be verified again at every tap."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, Protocol, TypeAlias, TypeVar

from verifier.pki.certificate import Certificate
from verifier.pki.cms import SignedData, SignerVerdict
from verifier.pki.cms_signer import SignerInfo
from verifier.pki.crl import CertificateRevocationList
from verifier.pki.keys.public_key import PublicKey, SignatureVerdict

MAX_REMEMBERED = 1024
"""Signatures of authorities; far more than one station meets signers, links and CRLs."""
MAX_DOCUMENTS = 1024
"""Signatures of documents: a meeting of a thousand."""
_Key: TypeAlias = tuple[bytes, ...]


class _Verdict(Protocol):
    @property
    def valid(self) -> bool: ...


V = TypeVar("V", bound=_Verdict)


class VerifiedSignatures:
    """Remembers which certificates, CRLs and documents bear a good signature of which key. Threads may share it.

    A signature depends on nothing but the signed bytes and the key, so what was found once holds for ever; dates, names
    and revocation are judged anew each time. Only good signatures are remembered. Those of certificates and CRLs were
    made by one of the store's own keys; those of documents, which anybody can bring, have a place of their own. Where
    all places are taken, the one that was not asked for the longest makes room.

    Of a document a hash is kept in memory, and nothing that names its holder; ``forget_documents`` drops it.
    """

    def __init__(self, limit: int = MAX_REMEMBERED, documents: int = MAX_DOCUMENTS) -> None:
        self._limits = limit, documents
        self._authorities: _Memory[SignatureVerdict] = _Memory(limit)
        self._documents: _Memory[SignerVerdict] = _Memory(documents)

    def __reduce__(self) -> tuple[type["VerifiedSignatures"], tuple[int, int]]:
        """Begin anew in another process: to remember is to save time, and nothing is lost by forgetting."""
        return VerifiedSignatures, self._limits

    def __len__(self) -> int:
        return len(self._authorities)

    def verify(self, signed: Certificate | CertificateRevocationList, key: PublicKey) -> SignatureVerdict:
        """Return the verdict on a signature. Raises ``MalformedData`` or ``UnsupportedFeature``, as the key does."""
        return self._authorities.recall((signed.fingerprint, key.der), lambda: signed.is_signed_by(key))

    def verify_document(
        self, document: bytes, signed: SignedData, signer: SignerInfo, certificate: Certificate
    ) -> SignerVerdict:
        """Return the verdict on one signer of a document whose encoding has the hash ``document`` (SHA-256)."""
        place = (document, signed.signers.index(signer).to_bytes(2), certificate.public_key_der)
        return self._documents.recall(place, lambda: signed.verify(signer, certificate))

    def forget_documents(self) -> None:
        """Forget which documents were seen; nothing else is lost than time."""
        self._documents.clear()


class _Memory(Generic[V]):
    """Good verdicts by place, the longest unused of which makes room."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._good: OrderedDict[_Key, V] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._good)

    def recall(self, place: _Key, verify: Callable[[], V]) -> V:
        with self._lock:
            known = self._good.get(place)
            if known is not None:
                self._good.move_to_end(place)
                return known
        verdict = verify()
        if verdict.valid:
            with self._lock:
                self._good[place] = verdict
                while len(self._good) > self._limit:
                    self._good.popitem(last=False)
        return verdict

    def clear(self) -> None:
        with self._lock:
            self._good.clear()
