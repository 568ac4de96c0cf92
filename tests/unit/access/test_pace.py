import secrets
from dataclasses import replace

import pytest

from verifier.access.cipher_suite import CipherSuite
from verifier.access.pace.establishment import choose_pace, describe_pace, establish_pace
from verifier.access.password import CanPassword, MrzPassword
from verifier.errors import AccessDenied, CardError, CardProtocolError, CardRefused, UnsupportedFeature
from verifier.iso7816.apdu import ResponseApdu
from verifier.iso7816.exchange import perform, through
from verifier.iso7816.files import read_by_short_identifier, select_application
from verifier.iso7816.tlv import encode
from verifier.lds.card_access import CardAccess
from verifier.lds.security_infos import PaceInfo, SecurityInfos
from verifier.sdk.testing import CURVES, VirtualChip, leading_zero_in_public_key, leading_zero_in_secret
from verifier.sdk.testing.card_side import ciphers
from verifier.sdk.testing.card_side.pace import PaceResponder

LDS1 = bytes.fromhex("A0000002471001")
CAN = CanPassword("123456")
PACE = "0.4.0.127.0.7.2.2.4"
GM_AES_128 = f"{PACE}.2.2"
CURVE_NAMES = ["P-256", "P-384", "P-521", "brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1"]


def offer_of(chip: VirtualChip) -> PaceInfo:
    return choose_pace(CardAccess.decode(chip.data.files["EF.CardAccess"]).security_infos)


def open_and_read(chip, password, random, card=None) -> None:
    card = card or chip
    channel = perform(establish_pace(offer_of(chip), password, random), card).channel
    perform(through(channel, select_application(LDS1)), card)
    assert perform(through(channel, read_by_short_identifier(0x01)), card) == chip.data.files["DG1"]


@pytest.mark.parametrize("cipher", list(ciphers.CipherSuite), ids=lambda cipher: cipher.name)
@pytest.mark.parametrize("curve", CURVE_NAMES)
def test_every_curve_and_cipher_opens_a_chip_by_can(chip, seeded, curve, cipher):
    open_and_read(chip(pace_curve=curve, pace_cipher=cipher), CAN, seeded(1))


@pytest.mark.parametrize("curve", CURVE_NAMES)
@pytest.mark.parametrize("choose_scalar", [leading_zero_in_secret, leading_zero_in_public_key])
def test_leading_zeros_in_secrets_and_points_do_no_harm(chip, seeded, curve, choose_scalar):
    open_and_read(chip(pace_curve=curve, choose_scalar=choose_scalar), CAN, seeded(2))


def test_the_mrz_opens_the_same_chip_in_five_commands(chip, counting_card, seeded):
    made = chip()
    card = counting_card(made)
    perform(establish_pace(offer_of(made), MrzPassword.from_mrz(made.data.mrz), seeded(1)), card)
    assert [(command.cla, command.ins) for command in card.commands] == [
        (0x00, 0x22),
        (0x10, 0x86),
        (0x10, 0x86),
        (0x10, 0x86),
        (0x00, 0x86),
    ]
    assert card.commands[0].data.endswith(bytes.fromhex("830101"))


def test_a_wrong_can_is_denied_and_tried_once_only(chip, counting_card, seeded):
    made = chip()
    card = counting_card(made)
    with pytest.raises(AccessDenied, match="6300"):
        perform(establish_pace(offer_of(made), CanPassword("654321"), seeded(1)), card)
    assert len(card.commands) == 5


UNSUPPORTED = [
    (GM_AES_128, 14),  # a curve that the library does not have
    (GM_AES_128, 0),  # a MODP group under an identifier of curves
    (f"{PACE}.1.2", 13),  # and the reverse
    (f"{PACE}.3.2", 12),
    (f"{PACE}.4.2", 10),  # 9.5.1: P-224 cannot be used with integrated mapping
    (f"{PACE}.6.1", 13),  # 9.2.3: no chip authentication mapping with 3DES
    (f"{PACE}.5.2", 13),
    (f"{PACE}.2", 13),
    (GM_AES_128, None),
]


def test_an_offer_that_is_not_supported_is_refused_before_anything_is_sent(seeded, answering_card):
    card = answering_card()
    for oid, parameter_id in UNSUPPORTED:
        with pytest.raises(UnsupportedFeature):
            perform(establish_pace(PaceInfo(oid, 2, parameter_id), CAN, seeded(1)), card)
    assert not card.commands


# --- choosing ---------------------------------------------------------------------------------------------------------


def test_the_strongest_supported_offer_is_chosen():
    offers = [
        PaceInfo(f"{PACE}.2.1", 2, 13),
        PaceInfo(f"{PACE}.2.4", 2, 12),
        PaceInfo(f"{PACE}.2.2", 2, 17),
        PaceInfo(f"{PACE}.2.3", 2, 16),
        PaceInfo(f"{PACE}.4.4", 2, 14),
        PaceInfo(f"{PACE}.2.4", 1, 18),
    ]
    assert choose_pace(SecurityInfos(pace=tuple(offers))) == offers[3]
    assert choose_pace(SecurityInfos(pace=tuple(offers[:3]))) == offers[2]
    assert choose_pace(SecurityInfos(pace=tuple(offers[:2]))) == offers[1]


@pytest.mark.parametrize("mapping", ["2", "4"])
def test_among_equals_the_cards_first_is_taken(mapping):
    offers = (PaceInfo(f"{PACE}.{mapping}.2", 2, 13), PaceInfo(GM_AES_128, 2, 12))
    assert choose_pace(SecurityInfos(pace=offers)) == offers[0]


def test_chip_authentication_mapping_is_preferred_among_offers_of_the_same_strength_only():
    offers = (PaceInfo(f"{PACE}.2.4", 2, 12), PaceInfo(f"{PACE}.6.2", 2, 12), PaceInfo(f"{PACE}.2.4", 2, 15))
    assert choose_pace(SecurityInfos(pace=offers[:2])) == offers[1]
    assert choose_pace(SecurityInfos(pace=offers)) == offers[2]


def test_the_order_of_strength_from_the_weakest_to_the_strongest():
    offers = [
        PaceInfo(f"{PACE}.1.4", 2, 0),
        PaceInfo(f"{PACE}.2.4", 2, 8),
        PaceInfo(f"{PACE}.4.1", 2, 12),
        PaceInfo(f"{PACE}.2.2", 2, 12),
        PaceInfo(f"{PACE}.6.2", 2, 13),
        PaceInfo(f"{PACE}.2.3", 2, 15),
        PaceInfo(f"{PACE}.2.4", 2, 18),
    ]
    for end in range(1, len(offers) + 1):
        for rotation in range(end):
            shuffled = (*offers[rotation:end], *offers[:rotation])
            assert choose_pace(SecurityInfos(pace=shuffled)) == offers[end - 1]


def test_a_group_that_needs_extended_length_is_left_alone_where_there_is_none():
    offers = (PaceInfo(f"{PACE}.1.2", 2, 2), PaceInfo(f"{PACE}.3.2", 2, 0))
    assert choose_pace(SecurityInfos(pace=offers)) == offers[0]
    assert choose_pace(SecurityInfos(pace=offers), extended_length=False) == offers[1]


def test_what_is_offered_in_vain_is_named():
    offers = (
        PaceInfo(f"{PACE}.1.2", 2, 3),
        PaceInfo(f"{PACE}.4.3", 2, 10),
        PaceInfo(f"{PACE}.6.4", 2, 11),
        PaceInfo(f"{PACE}.2.2", 2, 14),
        PaceInfo(f"{PACE}.2.2", 1, 13),
        PaceInfo(f"{PACE}.9.9", 2, 13),
        PaceInfo(f"{PACE}.2.2", 2, None),
    )
    with pytest.raises(UnsupportedFeature) as caught:
        choose_pace(SecurityInfos(pace=offers))
    for name in (
        "DH with generic mapping, AES-128, unknown domain parameters (3)",
        "ECDH with integrated mapping, AES-192, P-224 (10)",
        "ECDH with chip authentication mapping, AES-256, brainpoolP224r1 (11)",
        "brainpoolP320r1 (14)",
        "version 1",
        f"the unknown protocol {PACE}.9.9",
        "domain parameters without an identifier",
    ):
        assert name in caught.value.sentence


def test_a_card_without_pace_says_so():
    with pytest.raises(UnsupportedFeature, match="no PACE at all"):
        choose_pace(SecurityInfos())


def test_an_offer_is_described_for_people():
    assert describe_pace(PaceInfo(GM_AES_128, 2, 13)) == (
        "PACE over ECDH with generic mapping, AES-128, brainpoolP256r1 (13)"
    )


# --- cards that break the protocol -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("63C0", AccessDenied),
        ("6983", AccessDenied),
        ("6A80", CardRefused),
        ("6A88", CardRefused),
        ("6D00", CardRefused),
    ],
)
def test_a_refusal_of_the_protocol_or_of_the_kind_of_password(answering_card, seeded, status, error):
    with pytest.raises(error, match=status):
        perform(
            establish_pace(PaceInfo(GM_AES_128, 2, 13), CAN, seeded(1)), answering_card(*[bytes.fromhex(status)] * 2)
        )


@pytest.mark.parametrize(("status", "commands"), [("6A87", 2), ("6A80", 2), ("6A88", 2), ("6983", 1), ("6D00", 1)])
def test_a_card_that_misses_the_domain_parameters_gets_them_in_a_second_try(
    chip, counting_card, seeded, status, commands
):
    """Older Ukrainian passports, before July 2022: github.com/gmrtd/gmrtd/issues/108."""
    made = chip()

    class WantsThemNamed:
        def transmit(self, command):
            if command.ins == 0x22 and b"\x84\x01\x0d" not in command.data:
                return ResponseApdu(b"", int(status, 16))
            return made.transmit(command)

    card = counting_card(WantsThemNamed())
    if commands == 2:
        open_and_read(made, CAN, seeded(1), card)
    else:
        with pytest.raises(CardError):
            open_and_read(made, CAN, seeded(1), card)
    assert [command.ins for command in card.commands].count(0x22) == commands


def test_domain_parameters_that_were_named_are_not_named_again(answering_card, seeded):
    card = answering_card(b"\x6a\x88")
    with pytest.raises(CardRefused, match="no card access number"):
        perform(establish_pace(PaceInfo(GM_AES_128, 2, 13, parameters_ambiguous=True), CAN, seeded(1)), card)
    assert len(card.commands) == 1


def test_a_card_without_such_a_password_says_what_may_be_the_matter(answering_card, seeded):
    mrz = MrzPassword("L898902C", "690806", "940623")
    with pytest.raises(CardRefused, match=r"no MRZ password .* 6A88 .* PIN and a PUK only are not supported"):
        perform(establish_pace(PaceInfo(GM_AES_128, 2, 13), mrz, seeded(1)), answering_card(*[b"\x6a\x88"] * 2))


def test_a_warning_of_tries_left_does_not_stop_the_one_try(chip, seeded):
    made = chip()

    class Warning63C2:
        def transmit(self, command):
            response = made.transmit(command)
            return replace(response, status=0x63C2) if command.ins == 0x22 else response

    open_and_read(made, CAN, seeded(1), Warning63C2())


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "7C00",
        "7C028000",
        "7C09800700000000000000",
        "7C1180" + "0F" + "00" * 15,
        "7C128010" + "00" * 16 + "00",
        "7C138010" + "00" * 16,
        "7D128010" + "00" * 16,
        "7C128110" + "00" * 16,
        "7C248010" + "00" * 16 + "8010" + "00" * 16,
        "7C528050" + "00" * 80,
    ],
)
def test_a_nonce_that_is_none_breaks_the_protocol(answering_card, seeded, answer):
    card = answering_card(b"\x90\x00", bytes.fromhex(answer + "9000"))
    with pytest.raises(CardProtocolError):
        perform(establish_pace(PaceInfo(GM_AES_128, 2, 13), CAN, seeded(1)), card)
    assert len(card.commands) == 2


class Misbehaving(PaceResponder):
    """Answers as it should, but for what a test puts into ``instead``."""

    def map_nonce(self, reader_public: bytes) -> bytes:
        return self.instead.get("mapping", lambda run, peer, true: true)(
            self, reader_public, super().map_nonce(reader_public)
        )

    def agree_on_key(self, reader_public: bytes) -> bytes:
        return self.instead.get("agreement", lambda run, peer, true: true)(
            self, reader_public, super().agree_on_key(reader_public)
        )

    def confirm(self, reader_token: bytes) -> bytes:
        true = super().confirm(reader_token)
        return self.instead.get("token", lambda run, peer, true: true)(self, reader_token, true)


@pytest.fixture
def misbehaving(chip_data, seeded):
    def make(**instead) -> VirtualChip:
        responder = type("Responder", (Misbehaving,), {"instead": instead})
        return VirtualChip(chip_data(), random=seeded(3), pace_responder=responder)

    return make


def off_the_curve(run, peer: bytes, true: bytes) -> bytes:
    del run, peer
    return true[:-1] + bytes([true[-1] ^ 1])


def reflected(run, peer: bytes, true: bytes) -> bytes:
    del run, true
    return peer


@pytest.mark.parametrize(("step", "commands"), [("mapping", 3), ("agreement", 4)])
@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (off_the_curve, "not on the curve"),
        (reflected, "own"),
        (lambda run, peer, true: b"\x00", "no uncompressed point"),
        (lambda run, peer, true: bytes([2 + true[-1] % 2]) + true[1:33], "no uncompressed point"),
        (lambda run, peer, true: b"", "no uncompressed point"),
        (lambda run, peer, true: b"\x04" + bytes(64), "not on the curve"),
    ],
)
def test_a_bad_point_is_refused_before_it_is_used(misbehaving, counting_card, step, commands, answer, sentence):  # noqa: PLR0917
    made = misbehaving(**{step: answer})
    card = counting_card(made)
    with pytest.raises(CardProtocolError, match=sentence):
        perform(establish_pace(offer_of(made), CAN, secrets.token_bytes), card)
    assert len(card.commands) == commands


@pytest.mark.parametrize(
    "answer", [off_the_curve, reflected, lambda run, peer, true: b"", lambda run, peer, true: true[:7]]
)
def test_a_wrong_token_is_a_denial(misbehaving, seeded, answer):
    made = misbehaving(token=answer)
    with pytest.raises(AccessDenied, match="token"):
        perform(establish_pace(offer_of(made), CAN, seeded(1)), made)


def test_a_mapping_key_that_cancels_the_nonce_is_refused(seeded, answering_card):
    """A card that knows the reader's mapping key could make the new generator vanish: s * G + H = 0."""
    curve = CURVES["P-256"]
    source, mapping = seeded(9), 0x1234567890ABCDEF
    nonce = source(16)
    key = ciphers.CipherSuite.AES_128.derive_key(b"123456", ciphers.PASSWORD_COUNTER)
    encrypted = ciphers.CipherSuite.AES_128.encrypt(key, bytes(16), nonce)
    scalar = -int.from_bytes(nonce) * pow(mapping, -1, curve.n) % curve.n
    point = curve.encode(curve.multiply(scalar, curve.generator))
    card = answering_card(
        b"\x90\x00",
        encode(0x7C, encode(0x80, encrypted)) + b"\x90\x00",
        encode(0x7C, encode(0x82, point)) + b"\x90\x00",
    )
    with pytest.raises(CardProtocolError, match="cancels"):
        perform(establish_pace(PaceInfo(GM_AES_128, 2, 12), CAN, mapping.to_bytes), card)


def test_further_data_objects_in_the_last_answer_are_ignored(chip, seeded):
    """Chips of TR-03110 add certification authority references (87, 88) to the token."""
    made = chip()

    class WithReferences:
        def transmit(self, command):
            response = made.transmit(command)
            if response.data[:2] == b"\x7c\x0a":
                return replace(response, data=encode(0x7C, response.data[2:] + encode(0x87, b"DECVCAeID00102")))
            return response

    open_and_read(made, CAN, seeded(1), WithReferences())


def test_the_new_channel_has_the_offered_cipher(chip, seeded):
    made = chip(pace_cipher=ciphers.CipherSuite.AES_256)
    assert perform(establish_pace(offer_of(made), CAN, seeded(1)), made).channel.suite is CipherSuite.AES_256
