"""What personalisation writes is what the standards say, as others read it."""

import hashlib
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from verifier.lds.com import CommonData
from verifier.lds.dg14 import DataGroup14
from verifier.lds.mrz import MachineReadableZone
from verifier.lds.security_object import SecurityObject
from verifier.sdk.testing import (
    CURVES,
    ActiveAuthenticationKind,
    CardState,
    ChipOptions,
    DocumentType,
    KeyKind,
    Person,
    SyntheticCardStatus,
    chip_key_hash,
    invented_people,
    invented_person,
    write_chip_data,
)
from verifier.sdk.testing.card_side.active_authentication import EcdsaSigner, RsaSigner
from verifier.sdk.testing.misbehaving import Scene
from verifier.sdk.testing.writing.mrz import write_mrz, write_mrz_information
from verifier.sdk.testing.writing.signing import CRYPTOGRAPHY_CURVES, shared_rsa_key

# ICAO 9303-4, appendix B, and 9303-5 and 9303-6, appendix B: Anna Maria Eriksson of Utopia.
ERIKSSON = Person(
    display_name="Eriksson Anna Maria",
    personal_number="ZE184226B",
    number="L898902C3",
    date_of_birth="740812",
    date_of_expiry="120415",
    issuing_state="UTO",
    nationality="UTO",
)


def test_a_td3_zone_is_that_of_the_standards_example() -> None:
    assert write_mrz(ERIKSSON, DocumentType.TD3).split("\n") == [
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
        "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
    ]


def test_a_td1_zone_is_that_of_the_standards_example() -> None:
    holder = replace(ERIKSSON, number="D23145890", personal_number="")
    lines = write_mrz(holder, DocumentType.TD1).split("\n")
    assert lines[0][2:] == "UTOD231458907<<<<<<<<<<<<<<<"
    assert lines[1:] == ["7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"]


def test_a_td2_zone_is_that_of_the_standards_example() -> None:
    assert write_mrz(replace(ERIKSSON, number="D23145890"), DocumentType.TD2).split("\n") == [
        "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<",
        "D231458907UTO7408122F1204159<<<<<<<6",
    ]


def test_a_long_document_number_runs_into_the_optional_data() -> None:
    """ICAO 9303-5, appendix B: D23145890734, whose check digit 9 follows it."""
    holder = replace(ERIKSSON, number="D23145890734", personal_number="")
    assert write_mrz(holder, DocumentType.TD1).split("\n")[0] == "IDUTOD23145890<7349<<<<<<<<<<<"
    assert write_mrz_information(holder) == b"D23145890734974081221204159"


@pytest.mark.parametrize("document_type", DocumentType)
def test_every_invented_holder_has_a_zone_with_right_check_digits(document_type: DocumentType) -> None:
    people = invented_people(30)
    zones = [MachineReadableZone.decode(write_mrz(person, document_type).replace("\n", "")) for person in people]
    assert not any(zone.wrong_check_digits for zone in zones)
    assert [(zone.surname, zone.given_names) for zone in zones] == [(p.surname, p.given_names) for p in people]
    assert len({person.document_number for person in people}) == len(people)


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize("hash_name", ["sha1", "sha224", "sha256", "sha384", "sha512"])
def test_the_security_object_holds_the_hash_of_every_data_group(scene: Scene, hash_name: str, version: int) -> None:
    options = ChipOptions(hash_name=hash_name, lds_version=version, more_files=(("DG13", b"\x6d\x03abc"),))
    data = write_chip_data(scene.signer, scene.holder, options=options)
    security_object = SecurityObject.decode(data.files["EF.SOD"])
    assert security_object.data_group_hashes == {
        number: hashlib.new(hash_name, data.files[f"DG{number}"]).digest() for number in (1, 13, 14)
    }
    assert CommonData.decode(data.files["EF.COM"]).data_groups == (1, 13, 14)


@pytest.mark.parametrize("kind", KeyKind)
def test_every_kind_of_signer_makes_a_signature_that_verifies(scene: Scene, kind: KeyKind) -> None:
    signer = scene.home.issue_document_signer(key_kind=kind, explicit_parameters=kind in CURVES)
    signed_data = SecurityObject.decode(write_chip_data(signer, scene.holder).files["EF.SOD"]).signed_data
    assert signed_data.verify(signed_data.signers[0], signed_data.certificates[0]).valid


@pytest.mark.parametrize("explicit", [False, True])
def test_the_key_of_a_chip_is_found_by_its_hash(scene: Scene, explicit: bool) -> None:
    data = write_chip_data(scene.signer, scene.holder, options=ChipOptions(explicit_parameters=explicit))
    public_key = DataGroup14.decode(data.files["DG14"]).security_infos.chip_authentication_public_keys[0].public_key
    assert chip_key_hash(data) == hashlib.sha256(public_key).digest()[:16]


def test_a_chip_without_keys_is_known_by_what_its_security_object_signs(scene: Scene) -> None:
    data = write_chip_data(scene.signer, scene.holder, options=ChipOptions(chip_authentication_curve=None))
    signed = SecurityObject.decode(data.files["EF.SOD"]).signed_data.encap_content
    assert chip_key_hash(data) == hashlib.sha256(signed).digest()[:16]
    options = ChipOptions(chip_authentication_curve=None, active_authentication=ActiveAuthenticationKind.ECDSA)
    active = write_chip_data(scene.signer, scene.holder, options=options)
    assert active.active_authentication
    assert chip_key_hash(active) == hashlib.sha256(active.active_authentication.public_key_der).digest()[:16]


@pytest.mark.parametrize("smaller_root", [False, True])
@pytest.mark.parametrize(
    ("hash_name", "trailer"),
    [("SHA-1", "bc"), ("SHA-224", "38cc"), ("SHA-256", "34cc"), ("SHA-384", "36cc"), ("SHA-512", "35cc")],
)
def test_an_rsa_answer_opens_to_header_message_hash_and_trailer(
    hash_name: str, trailer: str, smaller_root: bool
) -> None:
    key: rsa.RSAPrivateKey = shared_rsa_key("active authentication")
    challenge = b"\x01\x02\x03\x04\x05\x06\x07\x08"
    signature = RsaSigner(key, hash_name, smaller_root).sign(challenge, lambda length: b"\x5a" * length)
    numbers = key.public_key().public_numbers()
    opened = pow(int.from_bytes(signature), numbers.e, numbers.n)
    if opened % 16 != 12:
        assert smaller_root
        opened = numbers.n - opened
    recovered = opened.to_bytes(256)
    assert recovered[:1] == b"\x6a"
    assert recovered.hex().endswith(trailer)
    digest_name = hash_name.replace("-", "").lower()
    end = 256 - len(trailer) // 2
    start = end - hashlib.new(digest_name).digest_size
    assert recovered[start:end] == hashlib.new(digest_name, recovered[1:start] + challenge).digest()


@pytest.mark.parametrize("curve", CRYPTOGRAPHY_CURVES)
@pytest.mark.parametrize("der", [False, True])
def test_an_ecdsa_answer_is_plain_or_der(curve: str, der: bool) -> None:
    key = ec.generate_private_key(CRYPTOGRAPHY_CURVES[curve])
    signature = EcdsaSigner(key, "SHA-256", der).sign(bytes(8), bytes)
    if not der:
        size = CURVES[curve].order_length
        assert len(signature) == 2 * size
        signature = encode_dss_signature(int.from_bytes(signature[:size]), int.from_bytes(signature[size:]))
    key.public_key().verify(signature, bytes(8), ec.ECDSA(hashes.SHA256()))


def test_nothing_of_a_person_is_in_a_repr(scene: Scene) -> None:
    holder = invented_person(7)
    data = write_chip_data(scene.signer, holder)
    shown = f"{holder!r} {data!r} {ChipOptions()!r}"
    assert not [secret for secret in (holder.surname, holder.personal_number, "123456") if secret in shown]


def test_a_card_that_is_struck_off_the_list_is_nowhere_on_it(scene: Scene) -> None:
    lost, other = (write_chip_data(scene.signer, person) for person in invented_people(2))
    publisher = SyntheticCardStatus()
    publisher.enter(lost, CardState.LOST)
    publisher.enter(other, CardState.REVOKED)
    both = len(publisher.card_status_list(at=scene.at))
    publisher.strike(lost)
    left = publisher.card_status_list(at=scene.at)
    assert len(left) == both // 2
    assert left.status_of(chip_key_hash(lost)) is None
    assert left.status_of(chip_key_hash(other)) is not None
