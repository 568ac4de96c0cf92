from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from verifier.access.chip.chip_authentication import (
    authenticate_chip,
    choose_chip_authentication,
    offer_of_proof,
    read_with_proof,
    verify_chip_authentication,
)
from verifier.access.pace.establishment import choose_pace, establish_pace
from verifier.access.password import CanPassword
from verifier.errors import (
    CardProtocolError,
    CardRefused,
    InvalidInput,
    MalformedData,
    SecureMessagingError,
    UnsupportedFeature,
)
from verifier.iso7816.apdu import CommandApdu, ResponseApdu
from verifier.iso7816.exchange import perform, through
from verifier.iso7816.files import read_by_short_identifier, select_application
from verifier.iso7816.tlv import decode_one
from verifier.lds.card_access import CardAccess
from verifier.lds.security_infos import (
    ChipAuthenticationInfo,
    ChipAuthenticationPublicKeyInfo,
    SecurityInfos,
)
from verifier.sdk.testing import CURVES, VirtualChip
from verifier.sdk.testing.arithmetic.curves import scalar_with_leading_zero
from verifier.sdk.testing.card_side import ciphers

LDS1 = bytes.fromhex("A0000002471001")
CA, PK = "0.4.0.127.0.7.2.2.3", "0.4.0.127.0.7.2.2.1"
CURVE_NAMES = ["P-256", "P-384", "P-521", "brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1"]


class Open:
    """No channel at all."""

    def protect(self, command: CommandApdu) -> CommandApdu:
        return command

    def unprotect(self, response: ResponseApdu) -> ResponseApdu:
        return response


def opened(chip: VirtualChip, random):
    """The channel of PACE with the application selected, and what DG14 says."""
    offer = choose_pace(CardAccess.decode(chip.data.files["EF.CardAccess"]).security_infos)
    channel = perform(establish_pace(offer, CanPassword("123456"), random), chip).channel
    perform(through(channel, select_application(LDS1)), chip)
    return channel, SecurityInfos.decode(decode_one(chip.data.files["DG14"]).value)


def session(chip: VirtualChip, random):
    """A whole run: offer, proof, and what DG14 says."""
    channel, infos = opened(chip, random)
    offer = choose_chip_authentication(infos)
    new = perform(authenticate_chip(channel, *offer, random), chip)
    content, proof = perform(read_with_proof(new, read_by_short_identifier(0x01)), chip)
    assert content == chip.data.files["DG1"]
    return offer, proof, infos


@pytest.mark.parametrize("cipher", list(ciphers.CipherSuite), ids=lambda cipher: cipher.name)
@pytest.mark.parametrize("curve", CURVE_NAMES)
@pytest.mark.parametrize("key_id", [None, 0, 7, 300])
def test_every_curve_cipher_and_key_reference_leaves_a_proof(chip, seeded, curve, cipher, key_id):
    made = chip(
        pace_curve="P-256",
        chip_authentication_curve=curve,
        chip_authentication_cipher=cipher,
        chip_authentication_key_id=key_id,
        explicit_parameters=key_id == 7,
    )
    offer, proof, infos = session(made, seeded(1))
    assert (proof.oid, proof.key_id) == (offer.info.oid, key_id)
    assert offer_of_proof(infos, proof) == offer
    assert verify_chip_authentication(proof, *offer)


@pytest.mark.parametrize("curve", CURVE_NAMES)
def test_leading_zeros_in_the_secret_do_no_harm(chip, seeded, curve):
    made = chip(chip_authentication_curve=curve)
    static, card_curve = made.data.chip_authentication[0], CURVES[curve]
    scalar = scalar_with_leading_zero(card_curve, static.public_point, 3)
    channel, infos = opened(made, seeded(1))
    offer = choose_chip_authentication(infos)
    new = perform(authenticate_chip(channel, *offer, scalar.to_bytes), made)
    _, proof = perform(read_with_proof(new, read_by_short_identifier(0x01)), made)
    assert verify_chip_authentication(proof, *offer)


@pytest.mark.parametrize(
    ("cipher", "instructions"),
    [(ciphers.CipherSuite.TRIPLE_DES, [0x22]), (ciphers.CipherSuite.AES_256, [0x22, 0x86])],
)
def test_it_takes_one_command_with_3des_and_two_with_aes(chip, counting_card, seeded, cipher, instructions):
    made = chip(chip_authentication_cipher=cipher)
    channel, infos = opened(made, seeded(1))
    card = counting_card(made)
    perform(authenticate_chip(channel, *choose_chip_authentication(infos), seeded(2)), card)
    assert [command.ins for command in card.commands] == instructions


def test_the_old_channel_is_closed(chip, seeded):
    made = chip()
    channel, infos = opened(made, seeded(1))
    perform(authenticate_chip(channel, *choose_chip_authentication(infos), seeded(2)), made)
    with pytest.raises(SecureMessagingError, match="replaced"):
        channel.protect(CommandApdu(0x00, 0xB0, 0x81, 0x00, le=256))


def test_a_clone_with_its_own_key_leaves_a_proof_that_does_not_verify(chip, seeded):
    """The clone shows the genuine DG14, but has not its private key."""
    genuine, other = chip(1), chip(2)
    clone = VirtualChip(replace(genuine.data, chip_authentication=other.data.chip_authentication), random=seeded(3))
    channel, infos = opened(clone, seeded(4))
    offer = choose_chip_authentication(infos)
    new = perform(authenticate_chip(channel, *offer, seeded(5)), clone)
    with pytest.raises(InvalidInput, match="none has come yet"):
        _ = new.proof
    with pytest.raises(SecureMessagingError):
        perform(read_with_proof(new, read_by_short_identifier(0x01)), clone)
    assert not verify_chip_authentication(new.proof, *offer)


def test_a_proof_holds_for_its_own_key_and_session_only(chip, seeded):
    offer, proof, _ = session(chip(1), seeded(1))
    other_offer, other_proof, other_infos = session(chip(2), seeded(2))
    assert not verify_chip_authentication(proof, *other_offer)
    assert offer_of_proof(other_infos, proof) == other_offer
    swapped = replace(proof, protected_response=other_proof.protected_response)
    assert not verify_chip_authentication(swapped, *offer)
    swapped = replace(proof, terminal_private_key=other_proof.terminal_private_key)
    assert not verify_chip_authentication(swapped, *offer)


@pytest.mark.parametrize(
    "damage",
    [
        {"protected_response": b""},
        {"protected_response": b"\x99\x02\x90\x00"},
        {"protected_response": b"\x30\x80\x00\x00"},
        {"terminal_private_key": b""},
        {"terminal_private_key": b"\x30\x03\x02\x01\x00"},
        {"key_id": 99},
        {"oid": f"{CA}.2.4"},
    ],
)
def test_a_damaged_proof_is_false_and_no_exception(chip, seeded, damage):
    offer, proof, _ = session(chip(), seeded(1))
    assert not verify_chip_authentication(replace(proof, **damage), *offer)


def test_a_terminal_key_of_another_kind_or_curve_is_false(chip, seeded):
    offer, proof, _ = session(chip(), seeded(1))
    for key in (ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)):
        pkcs8 = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        assert not verify_chip_authentication(replace(proof, terminal_private_key=pkcs8), *offer)


def test_a_chip_that_refuses_is_a_refusal(answering_card, seeded, chip):
    infos = SecurityInfos.decode(decode_one(chip().data.files["DG14"]).value)
    offer = choose_chip_authentication(infos)
    for answers in (("6A88",), ("9000", "6300")):
        card = answering_card(*(bytes.fromhex(answer) for answer in answers))
        with pytest.raises(CardRefused, match=answers[-1]):
            perform(authenticate_chip(Open(), *offer, seeded(1)), card)


def test_a_chip_whose_key_is_the_readers_own_is_refused(answering_card):
    """Whoever could foresee the reader's key would answer for the chip."""
    ours = ec.derive_private_key(0x1234567, ec.SECP256R1())
    key = key_info(ours.public_key())
    card = answering_card()
    with pytest.raises(CardProtocolError, match="own ephemeral key"):
        perform(authenticate_chip(Open(), ChipAuthenticationInfo(f"{CA}.2.2", 1), key, (0x1234567).to_bytes), card)
    assert not card.commands


# --- choosing ---------------------------------------------------------------------------------------------------------


def key_info(public_key, key_id: int | None = None, arc: int = 2) -> ChipAuthenticationPublicKeyInfo:
    spki = public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return ChipAuthenticationPublicKeyInfo(f"{PK}.{arc}", spki, key_id)


@pytest.fixture(scope="module")
def ec_key():
    return ec.derive_private_key(7, ec.BrainpoolP256R1()).public_key()


def info(suffix: str, key_id: int | None = None, version: int = 1) -> ChipAuthenticationInfo:
    return ChipAuthenticationInfo(f"{CA}.{suffix}", version, key_id)


def infos_of(*entries) -> SecurityInfos:
    return SecurityInfos(
        chip_authentication=tuple(entry for entry in entries if isinstance(entry, ChipAuthenticationInfo)),
        chip_authentication_public_keys=tuple(e for e in entries if isinstance(e, ChipAuthenticationPublicKeyInfo)),
    )


def test_no_key_is_no_offer():
    assert choose_chip_authentication(infos_of()) is None
    assert choose_chip_authentication(infos_of(info("2.2"))) is None


def test_the_strongest_cipher_with_its_own_key_is_chosen(ec_key):
    first, second = key_info(ec_key, 1), key_info(ec_key, 2)
    offer = choose_chip_authentication(infos_of(info("2.1", 1), info("2.4", 2), first, second))
    assert offer == (info("2.4", 2), second)


def test_a_key_alone_means_3des(ec_key):
    key = key_info(ec_key, 5)
    assert choose_chip_authentication(infos_of(key)) == (info("2.1", 5), key)


def test_one_protocol_and_one_key_belong_together_whatever_their_identifiers(ec_key):
    key = key_info(ec_key, 5)
    assert choose_chip_authentication(infos_of(info("2.2"), key)) == (info("2.2"), key)


def test_a_protocol_without_its_key_is_no_offer(ec_key):
    with pytest.raises(UnsupportedFeature):
        choose_chip_authentication(infos_of(info("2.2", 1), key_info(ec_key, 2), key_info(ec_key, 3)))


@pytest.mark.parametrize("offered", [info("1.2"), info("2.9"), info("2.2", version=2)])
def test_what_is_offered_in_vain_is_named(ec_key, offered):
    with pytest.raises(UnsupportedFeature, match=offered.oid):
        choose_chip_authentication(infos_of(offered, key_info(ec_key, arc=1 if offered.oid == f"{CA}.1.2" else 2)))


def test_keys_that_are_no_points_are_refused_before_anything_is_sent(answering_card, seeded, ec_key):
    good = key_info(ec_key)
    bad_point = replace(good, public_key=good.public_key[:-1] + bytes([good.public_key[-1] ^ 1]))
    rsa_key = key_info(rsa.generate_private_key(65537, 2048).public_key())
    card = answering_card()
    for key, error in ((bad_point, MalformedData), (rsa_key, UnsupportedFeature)):
        with pytest.raises(error):
            perform(authenticate_chip(Open(), info("2.2"), key, seeded(1)), card)
    with pytest.raises(UnsupportedFeature):
        perform(authenticate_chip(Open(), info("1.2"), good, seeded(1)), card)
    assert not card.commands
