"""ICAO 9303-11 (8th edition, 2021), Appendix G.1: PACE with ECDH, generic mapping, brainpoolP256r1, AES-128, MRZ.

The figures were compared with their copies in gmrtd (github.com/gmrtd/gmrtd, pace/pace_test.go). The SELECT under the
session keys that follow is from javacard-express (icao_ref.py), which checked it against JMRTD.
"""

from verifier.access.cipher_suite import KEY_PASSWORD, CipherSuite
from verifier.access.groups.domain_parameters import standardised_curve
from verifier.access.groups.point_arithmetic import PrivateKey, add, decode_card_point
from verifier.access.pace.establishment import choose_pace, establish_pace
from verifier.access.password import MrzPassword
from verifier.iso7816.exchange import perform, through
from verifier.iso7816.files import select_application
from verifier.lds.card_access import CardAccess

PASSWORD = MrzPassword("T22000129", "640812", "101031")
CARD_ACCESS = bytes.fromhex("31143012060A04007F0007020204020202010202010D")
MAPPING_KEY = "7F4EF07B9EA82FD78AD689B38D0BC78CF21F249D953BC46F4C6E19259C010F99"
AGREEMENT_KEY = "A73FB703AC1436A18E0CFA5ABB3F7BEC7A070E7A6788486BEE230C4A22762595"
CHIP_MAPPING_POINT = (
    "04824FBA91C9CBE26BEF53A0EBE7342A3BF178CEA9F45DE0B70AA601651FBA3F57"
    "30D8C879AAA9C9F73991E61B58F4D52EB87A0A0C709A49DC63719363CCD13C54"
)
CHIP_POINT = (
    "049E880F842905B8B3181F7AF7CAA9F0EFB743847F44A306D2D28C1D9EC65DF6DB"
    "7764B22277A2EDDC3C265A9F018F9CB852E111B768B326904B59A0193776F094"
)
SESSION = [
    ("0022C1A40F800A04007F00070202040202830101", "9000"),
    ("10860000027C0000", "7C12801095A3A016522EE98D01E76CB6B98B42C39000"),
    (
        "10860000457C438141"
        "047ACF3EFC982EC45565A4B155129EFBC74650DCBFA6362D896FC70262E0C2CC5E"
        "544552DCB6725218799115B55C9BAA6D9F6BC3A9618E70C25AF71777A9C4922D"
        "00",
        f"7C438241{CHIP_MAPPING_POINT}9000",
    ),
    (
        "10860000457C438341"
        "042DB7A64C0355044EC9DF190514C625CBA2CEA48754887122F3A5EF0D5EDD301C"
        "3556F3B3B186DF10B857B58F6A7EB80F20BA5DC7BE1D43D9BF850149FBB36462"
        "00",
        f"7C438441{CHIP_POINT}9000",
    ),
    ("008600000C7C0A8508C2B0BD78D94BA86600", "7C0A86083ABB9674BCE93C089000"),
]
SELECT = (
    "0CA4040C1D871101752F676B09FAC86A87D632749A49C7CC8E08C18BA1FCE707BD9F00",
    "990290008E08BEA7B381C494A0799000",
)


def test_the_password_key_follows_from_the_mrz():
    shared = bytes.fromhex("7E2D2A41C74EA0B38CD36F863939BFA8E9032AAD")
    key = CipherSuite.AES_128.derive_key(shared, KEY_PASSWORD)
    assert key.hex().upper() == "89DED1B26624EC1E634C1989302849DD"


def test_the_mapped_generator_is_that_of_the_example():
    curve = standardised_curve(13)
    shared = PrivateKey(curve, int(MAPPING_KEY, 16)).multiply(
        decode_card_point(bytes.fromhex(CHIP_MAPPING_POINT), curve)
    )
    assert shared.encode(curve).hex().upper() == (
        "0460332EF2450B5D247EF6D3868397D398852ED6E8CAF6FFEEF6BF85CA57057FD5"
        "0840CA7415BAF3E43BD414D35AA4608B93A2CAF3A4E3EA4E82C9C13D03EB7181"
    )
    nonce = PrivateKey(curve, 0x3F00C4D39D153F2B2A214A078D899B22)
    generator = add(curve, nonce.public_point, shared)
    assert generator is not None
    assert generator.encode(curve).hex().upper() == (
        "048CED63C91426D4F0EB1435E7CB1D74A46723A0AF21C89634F65A9AE87A9265E2"
        "8C879506743F8611AC33645C5B985C80B5F09A0B83407C1B6A4D857AE76FE522"
    )


def test_the_shared_secret_gives_the_session_keys_of_the_example():
    secret = bytes.fromhex("28768D20701247DAE81804C9E780EDE582A9996DB4A315020B2733197DB84925")
    keys = CipherSuite.AES_128.derive_session_keys(secret)
    assert [key.hex().upper() for key in keys] == [
        "F5F0E35C0D7161EE6724EE513A0D9A7F",
        "FE251C7858B356B24514B3BD5F4297D1",
    ]


def test_the_session_runs_byte_for_byte_and_carries_a_command(transcript_card, example_random):
    card = transcript_card([*SESSION, SELECT])
    info = choose_pace(CardAccess.decode(CARD_ACCESS).security_infos)
    channel = perform(establish_pace(info, PASSWORD, example_random(MAPPING_KEY, AGREEMENT_KEY)), card).channel
    perform(through(channel, select_application(bytes.fromhex("A0000002471001"))), card)
    assert card.is_finished


def test_the_domain_parameters_are_named_where_the_card_offers_several(transcript_card, example_random):
    """ICAO 9303-11, 4.4.4.1: DO'84' is required where the domain parameters are ambiguous."""
    two_sets = bytes.fromhex("31283012060A04007F0007020204020202010202010D3012060A04007F0007020204020202010202010C")
    info = choose_pace(CardAccess.decode(two_sets).security_infos)
    named = ("0022C1A412800A04007F0007020204020283010184010D", "9000")
    card = transcript_card([named, *SESSION[1:]])
    perform(establish_pace(info, PASSWORD, example_random(MAPPING_KEY, AGREEMENT_KEY)), card)
    assert card.is_finished
