"""Where the fuzzer begins: well-formed inputs for every target, made by the virtual chip and the synthetic issuer."""

from collections.abc import Iterator
from datetime import timedelta
from functools import cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from targets import AT, REPLACED, TARGETS, genuine, repeating, scene

from verifier.cardstatus.card_status_list import CardState, CardStatusEntry, build_card_status_list
from verifier.pki.certificate import Certificate
from verifier.pki.sources.signed_list import decode_signed_list
from verifier.pki.trust_index import IndexHead, encode_index
from verifier.sdk import CanPassword, RecordingConnection, load_profile, read
from verifier.sdk.testing import (
    ActiveAuthenticationKind,
    ChipOptions,
    KeyKind,
    SyntheticPki,
    invented_person,
    write_chip_data,
)
from verifier.sdk.testing.misbehaving import CATALOGUE

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
    for number, options in enumerate(
        (_RICH, ChipOptions(explicit_parameters=True, hash_name="sha512", lds_version=1)), 1
    ):
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
        yield target, decode_signed_list(encoded).encap_content
    for encoded in pki.certificates():
        yield "certificate", encoded
        yield "public-key", Certificate.decode(encoded).public_key_der
    for encoded in pki.crls():
        yield "crl", encoded
    yield "directory", pki.ldif()


def _of_sessions() -> Iterator[tuple[str, bytes]]:
    profile, password = load_profile("party-card"), CanPassword(scene().can)
    for name in ("genuine", "expired"):
        recorded = RecordingConnection(CATALOGUE[name].make(scene()))
        evidence = read(recorded, profile=profile, password=password, at=AT, random=repeating())
        answers = [step.response or b"" for step in recorded.trace.steps]
        yield "card", b"".join(len(answer).to_bytes(2) + answer for answer in answers)
        yield "trace", recorded.trace.to_bytes()
        yield "evidence", evidence.to_bytes()
        yield "verify", evidence.to_bytes()
        for step in recorded.trace.steps:
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
    yield "card-status-list", build_card_status_list(entries, AT, AT + timedelta(days=30), 1, key)
    store = scene().trust_store()
    marked = [(certificate, store.is_anchor(certificate)) for certificate in store.certificates]
    yield "trust-index", encode_index(IndexHead("a folder", None, (), {}), marked, store.crls, ())[:-32]
