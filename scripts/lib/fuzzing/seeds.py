"""Where the fuzzer begins: well-formed inputs for every target, made by the virtual chip and the synthetic issuer."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache
from random import Random

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from targets import (
    AT,
    EVERYTHING,
    HOLDER,
    MRZ,
    PROFILE,
    REPLACED,
    TARGETS,
    card_status,
    card_status_index,
    genuine,
    repeating,
    scene,
)

from verifier.cardstatus.card_status_list import CardState, CardStatusEntry, build_card_status_list
from verifier.cardstatus.delta_making import make_card_status_delta
from verifier.cardstatus.record_pieces import RecordPieces
from verifier.cardstatus.source import MemorySource
from verifier.pki.certificate import Certificate
from verifier.pki.sources.signed_list import decode_signed_list
from verifier.pki.trust.trust_index import IndexHead, encode_index
from verifier.reading.card_types import CardTraits, CardTypeMemory
from verifier.sdk import RecordingConnection, read
from verifier.sdk.testing import (
    ActiveAuthenticationKind,
    Behaviour,
    ChipOptions,
    CipherSuite,
    KeyKind,
    PaceMapping,
    SyntheticPki,
    invented_person,
    personalise,
    write_chip_data,
)

_RICH = ChipOptions(
    data_groups=frozenset({2, 7, 11, 12, 13, 16}),
    atr_info=True,
    card_security=True,
    terminal_authentication=True,
    more_pace=(),
)
_OLD = ChipOptions(
    pace_curve=None,
    chip_authentication_curve=None,
    active_authentication=ActiveAuthenticationKind.RSA,
    hash_name="sha512",
    lds_version=1,
)
_SESSIONS = (
    _RICH,
    ChipOptions(pace_mapping=PaceMapping.INTEGRATED, behaviour=Behaviour(extended_length=False)),
    ChipOptions(pace_mapping=PaceMapping.CHIP_AUTHENTICATION, behaviour=Behaviour(short_identifiers=False)),
    ChipOptions(pace_curve=None, chip_authentication_curve=None, active_authentication=ActiveAuthenticationKind.ECDSA),
    ChipOptions(pace_cipher=CipherSuite.AES_256, behaviour=Behaviour(response_chunk=100, corrects_le=True)),
)
"""Chips with one session each, as they are and as they differ in the wild."""
_ONE_FOR_EACH = {
    "EF.ATR/INFO": "ef-atr-info",
    "EF.CardAccess": "ef-card-access",
    "EF.CardSecurity": "ef-card-security",
    "EF.COM": "ef-com",
    "EF.SOD": "ef-sod",
    **{f"DG{number}": f"dg{number}" for number in range(1, 17)},
}


@cache
def seeds() -> dict[str, list[bytes]]:
    """Return well-formed inputs by target; every target has one at least."""
    found: dict[str, list[bytes]] = {name: [] for name in TARGETS}
    for target, seed in (*_of_files(), *_of_issuers(), *_of_sessions(), *_others()):
        found[target].append(seed)
    return found


def _of_files() -> Iterator[tuple[str, bytes]]:
    pki = SyntheticPki(at=AT, key_kind=KeyKind.BRAINPOOL_P384)
    signer = pki.issue_document_signer()
    for number, options in enumerate((_RICH, _OLD), 1):
        for name, content in write_chip_data(signer, invented_person(number), options=options).files.items():
            if (target := _ONE_FOR_EACH.get(name)) in TARGETS:
                yield str(target), content
    yield "dg5", bytes.fromhex("650c02010186078f8e8d8c8b8a89")
    for number, name in enumerate(REPLACED):
        if name in genuine().files:
            yield "verify-replaced", bytes([number]) + genuine().files[name][:-1]


def _of_issuers() -> Iterator[tuple[str, bytes]]:
    pki = SyntheticPki(at=AT)
    pki.issue_crl()
    lists = (("master-list", pki.master_list()), ("deviation-list", pki.deviation_list([])))
    for target, encoded in lists:
        yield "cms", encoded
        yield "lint", encoded
        yield target, decode_signed_list(encoded).encap_content
    for encoded in pki.certificates():
        yield "certificate", encoded
        yield "lint", encoded
        yield "public-key", Certificate.decode(encoded).public_key_der
    for encoded in pki.crls():
        yield "crl", encoded
    yield "directory", pki.ldif()


def _chips_own() -> Callable[[int], bytes]:
    """Other random numbers than the reader's: equal keys on both sides are an attack."""
    return Random(12).randbytes  # noqa: S311 - a session that repeats


def _of_sessions() -> Iterator[tuple[str, bytes]]:
    signer = SyntheticPki(at=AT, random=repeating()).issue_document_signer()
    for options in _SESSIONS:
        recorded = RecordingConnection(personalise(signer, HOLDER, options=options, random=_chips_own()))
        evidence = read(recorded, profile=PROFILE, password=MRZ, at=AT, random=repeating(), options=EVERYTHING)
        answers = [step.response or b"" for step in recorded.trace.steps]
        yield "card", b"".join(len(answer).to_bytes(2) + answer for answer in answers)
        yield "trace", recorded.trace.to_bytes()
        yield "evidence", evidence.to_bytes()
        yield "verify", evidence.to_bytes()
        for step in recorded.trace.steps[:20]:
            yield "apdu-command", step.command
            yield "apdu-response", step.response or b""
            yield "secure-messaging", step.response or b""


def _others() -> Iterator[tuple[str, bytes]]:
    yield "tlv", genuine().files["EF.SOD"]
    yield "mrz", genuine().files["DG1"][5:]
    yield "password", b"123456"
    yield "password", b"000001234 900517 391231"
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    entries = [CardStatusEntry(bytes([number]) * 16, CardState.REVOKED, AT) for number in range(5)]
    yield "names", "Mẫu Thử Nghiệm Một".encode()
    yield "lint", genuine().files["EF.SOD"]
    yield "citizen-details", bytes.fromhex("6d0f300d0201010c08") + b"00012345"
    memory = CardTypeMemory()
    memory.learn("0" * 64, CardTraits(extended_length=False))
    yield "card-types", memory.to_bytes()
    yield "card-status-list", build_card_status_list(entries, AT, AT + timedelta(days=30), 1, key)
    yield "card-status-delta", make_card_status_delta(card_status(1), card_status(2))
    pieces = RecordPieces(MemorySource(card_status(1)), 500)
    for _ in pieces.check():
        pass
    yield "card-status-index", card_status_index().encode(pieces.remembered)[:-32]
    yield "card-status-table", b"hash;state;since;reason\r\n" + b"ab" * 32 + b';lost;2026-03-01;"by telephone"\r\n'
    store = scene().trust_store()
    marked = [(certificate, store.is_anchor(certificate)) for certificate in store.certificates]
    yield "trust-index", encode_index(IndexHead("a folder", None, (), {}), marked, store.crls, ())[:-32]
