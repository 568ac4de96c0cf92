"""Every place where bytes from a card, a list, a file or a wire enter, as a function of bytes."""

import hashlib
import io
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from verifier.access.cipher_suite import CipherSuite
from verifier.access.secure_messaging import SecureMessaging
from verifier.cardstatus.applying import result_of
from verifier.cardstatus.card_status_list import (
    CardState,
    CardStatusEntry,
    CardStatusList,
    build_card_status_list,
)
from verifier.cardstatus.delta import CardStatusDelta
from verifier.cardstatus.layout import HEADER, SIGNATURE_LENGTH
from verifier.cardstatus.list_index import ListIndex
from verifier.cardstatus.records import Records
from verifier.cardstatus.source import MemorySource
from verifier.cardstatus.table import read_card_status_csv
from verifier.cli.passwords import decode_password
from verifier.errors import CardRemoved, VerifierError
from verifier.evidence.record import Evidence
from verifier.iso7816 import tlv
from verifier.iso7816.apdu import CommandApdu, ResponseApdu
from verifier.lds.atr_info import AtrInfo
from verifier.lds.card_access import CardAccess
from verifier.lds.card_security import CardSecurity
from verifier.lds.com import CommonData
from verifier.lds.dg1 import DataGroup1
from verifier.lds.dg2 import DataGroup2
from verifier.lds.dg5 import DataGroup5
from verifier.lds.dg7 import DataGroup7
from verifier.lds.dg11 import DataGroup11
from verifier.lds.dg12 import DataGroup12
from verifier.lds.dg13 import DataGroup13
from verifier.lds.dg14 import DataGroup14
from verifier.lds.dg15 import DataGroup15
from verifier.lds.dg16 import DataGroup16
from verifier.lds.mrz import MachineReadableZone
from verifier.lds.names.comparison import compare_names
from verifier.lds.security_object import SecurityObject
from verifier.pki.certificate import Certificate
from verifier.pki.cms import SignedData
from verifier.pki.conformity.lint import lint
from verifier.pki.crl import CertificateRevocationList
from verifier.pki.keys.public_key import PublicKey
from verifier.pki.sources.deviation_list import DeviationList
from verifier.pki.sources.master_list import MasterList
from verifier.pki.sources.pkd import read_directory
from verifier.pki.trust.trust_index import TrustIndex
from verifier.reading.card_types import CardTypeMemory
from verifier.reading.profiles.vn_citizen_details import CitizenDetails
from verifier.reading.purpose import ReadingPurpose
from verifier.sdk import (
    AccessProtocol,
    CanPassword,
    MrzPassword,
    ReadingOptions,
    load_profile,
    policy_for,
    read,
    verify,
)
from verifier.sdk.testing import invented_person
from verifier.sdk.testing.misbehaving import CATALOGUE, Scene
from verifier.transport.trace import Trace

Target = Callable[[bytes], object]

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
_STATUS_ISSUER = Ed25519PrivateKey.from_private_bytes(bytes(32))
_STATUS_KEY = _STATUS_ISSUER.public_key()
REPLACED = ("EF.SOD", "DG1", "DG14", "EF.CardAccess", "DG15", "EF.CardSecurity")


@cache
def scene() -> Scene:
    """The state whose issuer is trusted; seeded, so that an input means the same on another day."""
    return Scene(at=AT, random=Random(9).randbytes)  # noqa: S311 - nobody trusts these issuers


@cache
def genuine() -> Evidence:
    """What was read from a genuine card."""
    card = CATALOGUE["genuine"].make(scene())
    return read(card, profile=load_profile("party-card"), password=CanPassword(scene().can), at=AT, random=repeating())


def repeating() -> Callable[[int], bytes]:
    """A reader that always draws the same: a session that was recorded once fits again."""
    return Random(10).randbytes  # noqa: S311 - a session that repeats


def verify_replaced(data: bytes) -> None:
    """A genuine card of which one file was replaced: the first byte says which one."""
    if not data:
        return
    name = REPLACED[data[0] % len(REPLACED)]
    evidence = replace(genuine(), files={**genuine().files, name: data[1:]})
    report = verify(
        evidence,
        scene().trust_store(),
        policy_for(load_profile("party-card")),
        at=AT,
        card_status=None,
    )
    if report.passed:
        msg = f"a card with another {name} passed"
        raise AssertionError(msg)


def verify_file(data: bytes) -> None:
    """A whole evidence file from a stranger."""
    evidence = Evidence.from_bytes(data)
    verify(evidence, scene().trust_store(), policy_for(load_profile("icao-mrtd")), at=AT)


class HostileCard:
    """A card that answers with whatever comes next: two bytes of length, then an answer."""

    def __init__(self, data: bytes) -> None:
        self._rest = memoryview(data)

    def transmit(self, command: CommandApdu) -> ResponseApdu:
        command.encode()
        if len(self._rest) < 2:
            msg = "the card has left"
            raise CardRemoved(msg)
        length = int.from_bytes(self._rest[:2])
        answer, self._rest = bytes(self._rest[2 : 2 + length]), self._rest[2 + length :]
        return ResponseApdu.decode(answer)


PROFILE = load_profile("icao-mrtd")
EVERYTHING = ReadingOptions(purpose=ReadingPurpose.FULL, access=(AccessProtocol.PACE, AccessProtocol.BAC))
HOLDER = invented_person(1)
MRZ = MrzPassword(HOLDER.document_number, HOLDER.date_of_birth, HOLDER.date_of_expiry)


def read_hostile_card(data: bytes) -> None:
    """A whole session for everything that there is to read, with a reader whose random numbers repeat."""
    read(HostileCard(data), profile=PROFILE, password=MRZ, at=AT, random=repeating(), options=EVERYTHING)


def _compare(data: bytes) -> None:
    zone = DataGroup1.decode(genuine().files["DG1"]).mrz
    compare_names(data.decode("utf-8", "replace"), zone)


def unprotect(data: bytes) -> None:
    """A protected answer, under keys that the fuzzer could guess: the MAC keeps it out all the same."""
    for suite in CipherSuite:
        channel = SecureMessaging(suite, bytes(suite.key_length), bytes(suite.key_length))
        channel.protect(CommandApdu(0x00, 0xB0, 0x81, 0x00, le=256))
        with suppress(VerifierError):
            channel.unprotect(ResponseApdu.decode(data))


def _directory(data: bytes) -> None:
    for _ in read_directory(io.BytesIO(data)):
        pass


def _all_of_index(data: bytes) -> None:
    index = TrustIndex(data + hashlib.sha256(data).digest())  # the fuzzer need not guess what only notices damage
    for certificate in index.certificates:
        repr(certificate)


@cache
def card_status(sequence: int) -> bytes:
    """A list of five hundred cards, and each later one: another card less, and one more."""
    numbers = range(sequence, sequence + 500)
    entries = [CardStatusEntry(hashlib.sha256(bytes([n >> 8, n & 255])).digest(), CardState.LOST, AT) for n in numbers]
    return build_card_status_list(entries, AT, AT + timedelta(days=30), sequence, _STATUS_ISSUER)


def card_status_index() -> ListIndex:
    """The index of the first of them."""
    encoded = card_status(1)
    return ListIndex(encoded[: HEADER.size], encoded[-SIGNATURE_LENGTH:], _STATUS_KEY.public_bytes_raw(), 500)


def _apply_delta(data: bytes) -> None:
    delta = CardStatusDelta.decode(data)
    for _ in result_of(Records(MemorySource(card_status(1))), delta):
        pass


def _read_index(data: bytes) -> None:
    card_status_index().decode(data + hashlib.sha256(data).digest())


def _read_table(data: bytes) -> None:
    for _ in read_card_status_csv(io.StringIO(data.decode("utf-8", "replace"), newline="")):
        pass


TARGETS: dict[str, Target] = {
    "apdu-command": CommandApdu.decode,
    "apdu-response": ResponseApdu.decode,
    "tlv": tlv.check_structure,
    "mrz": MachineReadableZone.decode,
    "password": lambda data: decode_password(data.decode("latin-1")),
    "ef-atr-info": AtrInfo.decode,
    "ef-card-access": CardAccess.decode,
    "ef-card-security": CardSecurity.decode,
    "ef-com": CommonData.decode,
    "ef-sod": SecurityObject.decode,
    "dg1": DataGroup1.decode,
    "dg2": DataGroup2.decode,
    "dg5": DataGroup5.decode,
    "dg7": DataGroup7.decode,
    "dg11": DataGroup11.decode,
    "dg12": DataGroup12.decode,
    "dg13": DataGroup13.decode,
    "dg14": DataGroup14.decode,
    "dg15": DataGroup15.decode,
    "dg16": DataGroup16.decode,
    "public-key": PublicKey.decode,
    "certificate": Certificate.decode,
    "crl": CertificateRevocationList.decode,
    "cms": SignedData.decode,
    "master-list": MasterList.decode,
    "deviation-list": lambda data: DeviationList.decode(data, "UT"),
    "directory": _directory,
    "trust-index": _all_of_index,
    "card-status-list": lambda data: CardStatusList.decode(data, _STATUS_KEY),
    "card-status-delta": _apply_delta,
    "card-status-index": _read_index,
    "card-status-table": _read_table,
    "evidence": Evidence.from_bytes,
    "trace": Trace.from_bytes,
    "secure-messaging": unprotect,
    "citizen-details": CitizenDetails.decode,
    "card-types": CardTypeMemory.from_bytes,
    "names": _compare,
    "lint": lambda data: list(lint(data)),
    "card": read_hostile_card,
    "verify": verify_file,
    "verify-replaced": verify_replaced,
}
"""By name. Each raises ``VerifierError`` for what it refuses, and nothing else."""
