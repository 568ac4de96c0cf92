"""Chip Authentication as cards differ in it: Diffie-Hellman, chains of commands, two ways with 3DES, later versions."""

from dataclasses import replace
from random import Random

import pytest

from verifier.access.chip.chip_authentication import (
    authenticate_chip,
    choose_chip_authentication,
    offer_of_proof,
    read_with_proof,
    verify_chip_authentication,
)
from verifier.access.pace.establishment import choose_pace, establish_pace
from verifier.access.password import CanPassword
from verifier.errors import CardRefused, MalformedData, UnsupportedFeature
from verifier.iso7816.apdu import CommandApdu, ResponseApdu
from verifier.iso7816.exchange import perform, through
from verifier.iso7816.files import read_by_short_identifier, select_application
from verifier.iso7816.tlv import decode_one
from verifier.lds.card_access import CardAccess
from verifier.lds.security_infos import ChipAuthenticationInfo, ChipAuthenticationPublicKeyInfo, SecurityInfos
from verifier.sdk.testing import Behaviour, ChipOptions, VirtualChip, invented_person, write_chip_data
from verifier.sdk.testing.card_side import ciphers
from verifier.sdk.testing.writing.public_keys import KeyForm

LDS1 = bytes.fromhex("A0000002471001")
CA, PK = "0.4.0.127.0.7.2.2.3", "0.4.0.127.0.7.2.2.1"
DH_GROUPS = ["MODP-1024-160", "MODP-2048-224", "MODP-2048-256"]
TRIPLE_DES = ciphers.CipherSuite.TRIPLE_DES


def infos_of(chip: VirtualChip) -> SecurityInfos:
    return SecurityInfos.decode(decode_one(chip.data.files["DG14"]).value)


def prove(chip: VirtualChip, card, random, *, extended_length: bool = True):
    """Open the chip by PACE, run Chip Authentication and read DG1 in the new channel; return offer and proof."""
    pace = choose_pace(CardAccess.decode(chip.data.files["EF.CardAccess"]).security_infos)
    channel = perform(establish_pace(pace, CanPassword("123456"), random), card).channel
    perform(through(channel, select_application(LDS1)), card)
    offer = choose_chip_authentication(infos_of(chip))
    new = perform(authenticate_chip(channel, *offer, random, extended_length=extended_length), card)
    content, proof = perform(read_with_proof(new, read_by_short_identifier(0x01, chunk=200)), card)
    assert content == chip.data.files["DG1"]
    return offer, proof


@pytest.mark.parametrize("form", [KeyForm.NAMED, KeyForm.PKCS3, KeyForm.STANDARDISED], ids=lambda form: form.name)
@pytest.mark.parametrize("cipher", list(ciphers.CipherSuite), ids=lambda cipher: cipher.name)
@pytest.mark.parametrize("group", DH_GROUPS)
def test_a_diffie_hellman_key_of_every_form_leaves_a_proof(chip, seeded, group, cipher, form):
    made = chip(pace_curve="P-256", chip_authentication_curve=group, chip_authentication_cipher=cipher, key_form=form)
    offer, proof = prove(made, made, seeded(1))
    assert offer.info.oid.startswith(f"{CA}.1.")
    assert offer_of_proof(infos_of(made), proof) == offer
    assert verify_chip_authentication(proof, *offer)
    altered = bytes([proof.protected_response[2] ^ 1])
    response = proof.protected_response[:2] + altered + proof.protected_response[3:]
    assert not verify_chip_authentication(replace(proof, protected_response=response), *offer)


@pytest.mark.parametrize("cipher", [TRIPLE_DES, ciphers.CipherSuite.AES_256], ids=lambda cipher: cipher.name)
def test_without_extended_length_a_long_key_travels_in_a_chain_of_short_commands(chip, counting_card, seeded, cipher):
    made = chip(
        pace_curve="P-256",
        chip_authentication_curve="MODP-2048-256",
        chip_authentication_cipher=cipher,
        behaviour=Behaviour(extended_length=False),
    )
    card = counting_card(made)
    offer, proof = prove(made, card, seeded(1), extended_length=False)
    assert verify_chip_authentication(proof, *offer)
    assert not any(command.is_extended for command in card.commands)
    assert sum(command.cla == 0x1C for command in card.commands) == 1


def test_the_old_passports_that_announce_only_a_diffie_hellman_key_mean_3des(chip, seeded):
    made = chip(chip_authentication_curve="MODP-2048-256", chip_authentication_announced=False)
    assert not infos_of(made).chip_authentication
    offer = choose_chip_authentication(infos_of(made))
    assert offer.info == ChipAuthenticationInfo(f"{CA}.1.1", 1, None)


# --- the two ways of 3DES ---------------------------------------------------------------------------------------------


def test_a_3des_chip_that_knows_no_mse_set_kat_is_asked_in_the_other_way(chip, counting_card, seeded):
    made = chip(chip_authentication_cipher=TRIPLE_DES, behaviour=Behaviour(key_agreement_template=False))
    card = counting_card(made)
    offer, proof = prove(made, card, seeded(1))
    assert verify_chip_authentication(proof, *offer)
    assert [command.ins for command in card.commands[-4:]] == [0x22, 0x22, 0x86, 0xB0]


def test_a_3des_chip_that_refuses_both_ways_is_reported_with_its_first_refusal(answering_card, seeded, chip):
    offer = choose_chip_authentication(infos_of(chip(chip_authentication_cipher=TRIPLE_DES)))
    card = answering_card(b"\x6a\x80", b"\x6a\x86")
    with pytest.raises(CardRefused, match="6A80"):
        perform(authenticate_chip(Open(), *offer, seeded(1)), card)
    assert [command.p2 for command in card.commands] == [0xA6, 0xA4]


@pytest.mark.parametrize("complaint", ["6700", "6C00"])
def test_a_complaint_about_the_length_is_no_reason_for_the_other_way(answering_card, seeded, chip, complaint):
    offer = choose_chip_authentication(infos_of(chip(chip_authentication_cipher=TRIPLE_DES)))
    card = answering_card(bytes.fromhex(complaint))
    with pytest.raises(CardRefused, match=complaint):
        perform(authenticate_chip(Open(), *offer, seeded(1)), card)
    assert len(card.commands) == 1


def test_an_aes_chip_is_never_asked_by_mse_set_kat(answering_card, seeded, chip):
    offer = choose_chip_authentication(infos_of(chip()))
    card = answering_card(b"\x6a\x80")
    with pytest.raises(CardRefused, match="6A80"):
        perform(authenticate_chip(Open(), *offer, seeded(1)), card)
    assert [command.p2 for command in card.commands] == [0xA4]


class Open:
    """No channel at all."""

    def protect(self, command: CommandApdu) -> CommandApdu:
        return command

    def unprotect(self, response: ResponseApdu) -> ResponseApdu:
        return response


# --- choosing ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def keys(document_signer):
    """Public keys by kind: one on a strong curve, one of a weak group."""

    def key(group: str) -> ChipAuthenticationPublicKeyInfo:
        options = ChipOptions(chip_authentication_curve=group)
        data = write_chip_data(document_signer, invented_person(1), options=options, random=Random(1).randbytes)
        infos = SecurityInfos.decode(decode_one(data.files["DG14"]).value)
        return infos.chip_authentication_public_keys[0]

    return {"ECDH": key("brainpoolP256r1"), "DH": key("MODP-1024-160")}


def info(suffix: str, key_id: int | None = None, version: int = 1) -> ChipAuthenticationInfo:
    return ChipAuthenticationInfo(f"{CA}.{suffix}", version, key_id)


def test_a_protocol_goes_with_a_key_of_its_kind_even_where_the_identifiers_do_not_tell(keys):
    infos = SecurityInfos(
        chip_authentication=(info("1.4"), info("2.2")), chip_authentication_public_keys=(keys["DH"], keys["ECDH"])
    )
    assert choose_chip_authentication(infos) == (info("2.2"), keys["ECDH"])


def test_a_weak_group_with_a_strong_cipher_is_the_weaker_offer(keys):
    """The strength is that of the weakest part: 80 bits of the group, whatever the cipher."""
    infos = SecurityInfos(
        chip_authentication=(info("1.4"), info("2.1")), chip_authentication_public_keys=(keys["DH"], keys["ECDH"])
    )
    assert choose_chip_authentication(infos).info == info("2.1")


def test_a_key_that_is_not_carried_does_not_hide_one_that_is(keys):
    unknown = replace(keys["ECDH"], public_key=b"\x30\x00", key_id=1)
    good = replace(keys["ECDH"], key_id=2)
    infos = SecurityInfos(
        chip_authentication=(info("2.4", 1), info("2.1", 2)), chip_authentication_public_keys=(unknown, good)
    )
    assert choose_chip_authentication(infos) == (info("2.1", 2), good)


@pytest.mark.parametrize("version", [0, 2, 3, 4])
def test_another_version_is_named_and_never_run_as_the_first(keys, version):
    infos = SecurityInfos(
        chip_authentication=(info("2.2", version=version),), chip_authentication_public_keys=(keys["ECDH"],)
    )
    with pytest.raises(UnsupportedFeature, match=f"version {version} over ECDH with AES-128"):
        choose_chip_authentication(infos)


def test_the_first_version_is_taken_beside_a_later_one(keys):
    infos = SecurityInfos(
        chip_authentication=(info("2.4", version=3), info("2.2")), chip_authentication_public_keys=(keys["ECDH"],)
    )
    with pytest.raises(UnsupportedFeature):
        choose_chip_authentication(replace(infos, chip_authentication=infos.chip_authentication[:1]))
    assert choose_chip_authentication(infos).info == info("2.2")


def test_a_key_that_says_dh_and_is_a_point_is_refused(keys, answering_card, seeded):
    disguised = replace(keys["ECDH"], oid=f"{PK}.1")
    with pytest.raises(MalformedData, match="announced as DH"):
        perform(authenticate_chip(Open(), info("1.2"), disguised, seeded(1)), answering_card())
    with pytest.raises(UnsupportedFeature, match="another kind"):
        perform(authenticate_chip(Open(), info("1.2"), keys["ECDH"], seeded(1)), answering_card())
