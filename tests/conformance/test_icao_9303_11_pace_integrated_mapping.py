"""ICAO 9303-11 (8th edition, 2021), Appendix H: PACE with integrated mapping, over ECDH (H.1) and DH (H.2), AES-128.

The figures are those of the appendix. It gives a key for the nonce but no password that leads to it, and no APDUs: so
the nonce is encrypted again here, under the key of the MRZ of Appendix G, and the messages are put together from the
figures by hand.
"""

import pytest

from verifier.access.cipher_suite import KEY_PASSWORD, CipherSuite
from verifier.access.groups.curve_group import CurveGroup
from verifier.access.groups.domain_parameters import standardised_curve
from verifier.access.groups.point_arithmetic import Point
from verifier.access.groups.rfc5114 import MODP_GROUPS
from verifier.access.pace.establishment import establish_pace
from verifier.access.pace.mapping import pseudo_random_bytes, pseudo_random_number
from verifier.access.password import MrzPassword
from verifier.iso7816.exchange import perform
from verifier.lds.security_infos import PaceInfo

PASSWORD = MrzPassword("T22000129", "640812", "101031")
PASSWORD_KEY = bytes.fromhex("89DED1B26624EC1E634C1989302849DD")
EXAMPLE_KEY = bytes.fromhex("591468CDA83D65219CCCB8560233600F")
SUITE = CipherSuite.AES_128
CURVE, MODP = CurveGroup(standardised_curve(13)), MODP_GROUPS[0]

CURVE_NONCES = "2923BE84E16CD6AE529049F1F1BBE9EB", "5DD4CBFC96F5453B130D890A1CDBAE32"
CURVE_PSEUDO_RANDOM = "E4447E2DFB3586BAC05DDB00156B57FBB2179A3949294C97254189800C517BAA8DA0FF397ED8C445D3E421E4FEB57322"
CURVE_NUMBER = "A2F8FF2DF50E52C6599F386ADCB595D229F6A167ADE2BE5F2C3296ADD5B7430E"
CURVE_GENERATOR = Point(
    0x8E82D31559ED0FDE92A4D0498ADD3C23BABA94FB77691E31E90AEA77FB17D427,
    0x4C1AE14BD0C3DBAC0C871B7F3608169364437CA30AC243A089D3F266C1E60FAD,
)
CURVE_KEY = "A73FB703AC1436A18E0CFA5ABB3F7BEC7A070E7A6788486BEE230C4A22762595"
CURVE_PUBLIC = (
    "0489CBA23FFE96AA18D824627C3E934E54A9FD0B87A95D1471DC1C0ABFDCD640D4"
    "6755DE9B7B778280B6BEBD57439ADFEB0E21FD4ED6DF42578C13418A59B34C37"
)
CURVE_CHIP_PUBLIC = (
    "0467F78E5F7F7686082B293E8D087E056916D0F74BC01A5F8957D0DE45691E51E8"
    "932B69A962B52A0985AD2C0A271EE6A13A8ADDDCD1A3A994B9DED257F4D22753"
)

MODP_NONCES = "FA5B7E3E49753A0DB9178B7B9BD898C8", "B3A6DB3C870C3E99245E0D1C06B747DE"
MODP_PSEUDO_RANDOM = (
    "EAB98D13E09052952AA729907C3C946184DEA0FE74AD2B3AF506F0A83018459C38099CD1F7FF4EA0A078DB1FAC136550"
    "5E3DC85500EF95E20B4EEF2E88489233BEE0546B472F994B618D168702406791DEEF3CB4810932EC278F3533FDB860EB"
    "4835C36FA4F1BF3FA0B828A718C96BDE88FBA38A3E6C35AAA10959251EB5FC710FC187258995944C0F926E249373F485"
)
MODP_NUMBER = (
    "A0C7C50C002061A51CC87D254EF38068607417B6EE1B36473CFB800D2D2E5FA2B6980F01105D24FAB22ACD1BFA5C8A4C"
    "093ECDFAFE6D7125D42A843E338603835CF19AFAFF75EFE21DC5F6AA1F9AE46C25087E7368166FB08C1E4627AFED7D93"
    "570417B790FF7F747E57F432B04E1236819E0DFEF5B6E77CA4999925328182D2"
)
MODP_GENERATOR = (
    "1D7D767F11E333BCD6DBAEF40E799E7A926B96973550656FF3C830726D118D61C276CDCC61D475CF03A98E0C0E79CAEB"
    "A5BE25578BD4551D0B10903236F0B0F976852FA78EEA14EA0ACA87D1E91F688FE0DFF897BBE35A472621D343564B262F"
    "34223AE8FC59B664BFEDFA2BFE7516CA5510A6BBB633D517EC25D4E0BBAA16C2"
)
MODP_KEY = (
    "4BD0E54740F9A028E6A515BFDAF967848C4F5F5FFF65AA0915947FFD1A0DF2FA6981271BC905F3551457B7E03AC3B806"
    "6DE4AA406C1171FB43DD939C4BA16175103BA3DEE16419AA248118F90CC36A3D6F4C373652E0C3CCE7F0F1D0C5425B36"
    "00F0F0D6A67F004C8BBA33F2B4733C7252445C1DFC4F1107203F71D2EFB28161"
)
MODP_PUBLIC = (
    "0F0CC62945A8029251FB7EF3C094E12EC68E4EF07F27CB9D9CD04C5C4250FAE0E4F8A951557E929AEB48E5C6DD47F2F5"
    "CD7C351A9BD2CD722C07EDE166770F08FFCB370262CF308DD7B07F2E0DA9CAAA1492344C852906919538C98A4BA4187E"
    "76CE9D87832386D319CE2E043C3343AEAE6EDBA1A9894DC5094D22F7FE1351D5"
)
MODP_CHIP_PUBLIC = (
    "928D9A0F9DBA450F13FC859C6F290D1D36E42431138A4378500BEB4E0401854CFF111F71CB6DC1D0335807A11388CC8E"
    "AA87B07907AAD9FBA6B169AF6D8C26AF8DDDC39ADC3AD2E3FF882B84D23E9768E95A80E4746FB07A9767679FE92133B4"
    "D379935C771BD7FBED6C7BB4B1708B275EA75679524CDC9C6A91370CC662A2F3"
)


@pytest.mark.parametrize(
    ("encrypted", "nonce"),
    [("143DC40C08C8E891FBED7DEDB92B64AD", CURVE_NONCES[0]), ("9ABB8864CA0FF1551E620D1EF4E13510", MODP_NONCES[0])],
)
def test_the_nonce_decrypts_under_the_key_of_the_example(encrypted, nonce):
    assert SUITE.decrypt(EXAMPLE_KEY, bytes.fromhex(encrypted)).hex().upper() == nonce


@pytest.mark.parametrize(
    ("group", "nonces", "pseudo_random", "number"),
    [
        (CURVE, CURVE_NONCES, CURVE_PSEUDO_RANDOM, CURVE_NUMBER),
        (MODP, MODP_NONCES, MODP_PSEUDO_RANDOM, MODP_NUMBER),
    ],
    ids=["ECDH", "DH"],
)
def test_the_nonces_give_the_pseudo_random_number_of_the_example(group, nonces, pseudo_random, number):
    s, t = (bytes.fromhex(nonce) for nonce in nonces)
    assert pseudo_random_bytes(SUITE, s, t, group.p).hex().upper() == pseudo_random
    assert pseudo_random_number(SUITE, s, t, group.p) == int(number, 16)


def test_the_number_maps_to_the_generator_of_the_example():
    assert CURVE.map_number(int(CURVE_NUMBER, 16)) == CURVE_GENERATOR
    assert MODP.map_number(int(MODP_NUMBER, 16)) == int(MODP_GENERATOR, 16)


def session(oid: str, nonces: tuple[str, str], *keys: str, tokens: tuple[str, str]) -> list[tuple[str, str]]:
    """The messages that the figures make: our public key, the chip's, our token, the chip's."""
    encrypted = SUITE.encrypt(PASSWORD_KEY, bytes.fromhex(nonces[0])).hex()
    public, chip_public = (data_object(tag, key) for tag, key in zip(("83", "84"), keys, strict=True))
    body = data_object("7C", public)
    return [
        (f"0022C1A40F800A{oid}830101", "9000"),
        ("10860000027C0000", f"7C128010{encrypted}9000"),
        (f"10860000147C128110{nonces[1]}00", "7C0282009000"),
        (f"10860000{len(body) // 2:02X}{body}00", f"{data_object('7C', chip_public)}9000"),
        (f"008600000C7C0A8508{tokens[0]}00", f"7C0A8608{tokens[1]}9000"),
    ]


def data_object(tag: str, value: str) -> str:
    length = len(value) // 2
    return f"{tag}{'81' if length > 127 else ''}{length:02X}{value}"


def test_the_password_key_is_that_of_appendix_g():
    shared = bytes.fromhex("7E2D2A41C74EA0B38CD36F863939BFA8E9032AAD")
    assert SUITE.derive_key(shared, KEY_PASSWORD) == PASSWORD_KEY


def test_the_session_over_a_curve_has_the_keys_and_tokens_of_the_example(transcript_card, example_random):
    card = transcript_card(
        session(
            "04007F00070202040402",
            CURVE_NONCES,
            CURVE_PUBLIC,
            CURVE_CHIP_PUBLIC,
            tokens=("450F02B86F6A0909", "75D4D96E8D5B0308"),
        )
    )
    random = example_random(CURVE_NONCES[1], CURVE_KEY)
    opened = perform(establish_pace(PaceInfo("0.4.0.127.0.7.2.2.4.4.2", 2, 13), PASSWORD, random), card)
    assert card.is_finished
    assert opened.channel._encryption_key.hex().upper() == "0D3FEB33251A6370893D62AE8DAAF51B"
    assert opened.channel._mac_key.hex().upper() == "B01E89E3D9E8719E586B50B4A7506E0B"


def test_the_session_modulo_a_prime_has_the_keys_and_tokens_of_the_example(transcript_card, example_random):
    """The example's private key is as long as p; one that is equal to it modulo q does the same."""
    card = transcript_card(
        session(
            "04007F00070202040302",
            MODP_NONCES,
            MODP_PUBLIC,
            MODP_CHIP_PUBLIC,
            tokens=("55D61977CBF5307E", "C2F04230187E1525"),
        )
    )
    random = example_random(MODP_NONCES[1], f"{int(MODP_KEY, 16) % MODP.q:040X}")
    opened = perform(establish_pace(PaceInfo("0.4.0.127.0.7.2.2.4.3.2", 2, 0), PASSWORD, random), card)
    assert card.is_finished
    assert opened.channel._encryption_key.hex().upper() == "01AFC10CF87BE36D8179E87370171F07"
    assert opened.channel._mac_key.hex().upper() == "23F0FBD05FD6C7B8B88F4C8309669061"
