"""ICAO 9303-11 (8th edition, 2021), Appendix I: PACE with chip authentication mapping, brainpoolP256r1, AES-128, MRZ.

The figures are those of the appendix.
"""

from verifier.access.cipher_suite import CipherSuite
from verifier.access.groups.domain_parameters import standardised_curve
from verifier.access.groups.point_arithmetic import PrivateKey, decode_card_point
from verifier.access.pace.establishment import choose_pace, establish_pace
from verifier.access.password import MrzPassword
from verifier.iso7816.exchange import perform
from verifier.lds.card_access import CardAccess

PASSWORD = MrzPassword("C11T002JM", "960812", "231031")
CARD_ACCESS = bytes.fromhex("31143012060A04007F0007020204060202010202010D")
MAPPING_KEY = "5D8BB87BD74D985A4B7D4325B9F7B976FE835122773400798914AA22738135CC"
AGREEMENT_KEY = "76ECFDAA9841C323A3F5FC5E88B88DB3EFF7E35EBF57A7E6946CB630006C2120"
CHIP_MAPPING_POINT = (
    "04A234236AA9B9621E8EFB73B5245C0E09D2576E5277183C1208BDD55280CAE8B3"
    "04F365713A356E65A451E165ECC9AC0AC46E3771342C8FE5AEDD092685338E23"
)
CHIP_STATIC_POINT = (
    "041872709494399E7470A6431BE25E83EEE24FEA568C2ED28DB48E05DB3A610DC8"
    "84D256A40E35EFCB59BF6753D3A489D28C7A4D973C2DA138A6E7A4A08F68E16F"
)
CHIP_AUTHENTICATION_DATA = "85DC3FA93D0952BFA82F5FD189EE75BD82F11D1F0B8ED4BF5319AC9B53C426B3"
ENCRYPTED_DATA = "1EEA964DAAE372AC990E3EFDE6333353BFC89A6704D93DA8798CF77F5B7A54BD10CBA372B42BE0B9B5F28AA8DE2F4F92"
SESSION = [
    ("0022C1A40F800A04007F00070202040602830101", "9000"),
    ("10860000027C0000", "7C128010CB60E8E0D85B76A9BD304747C2AD42E29000"),
    (
        "10860000457C438141"
        "047F1D410ADB7DDB3B84BF1030800981A9105D7457B4A3ADE002384F3086C67EDE"
        "1AB889104A27DB6D842B019020FBF3CEACB0DC627F7BDCAC29969E19D0E553C1"
        "00",
        f"7C438241{CHIP_MAPPING_POINT}9000",
    ),
    (
        "10860000457C438341"
        "04446C934084D9DAB863944F219520076C29EE3F7AE6722B11FF319EC1C7728F95"
        "5483400BFF60BF0C5929270009277DC2A515E12575010AD9BA916CF1BF86FEFC"
        "00",
        "7C438441"
        "0402AD566F3C6EC7F9324509AD50A51FA52030782A4968FCFEDF737DAEA9933331"
        "11C3B9B4C2287789BD137E7F8AA882E2A3C633CCD6ECC2C63C57AD401A09C2E1"
        "9000",
    ),
    ("008600000C7C0A8508E86BD06018A1CD3B00", f"7C3C86088596CF055C67C1A38A30{ENCRYPTED_DATA}9000"),
]


def test_the_session_runs_byte_for_byte_and_leaves_the_data_of_the_example(transcript_card, example_random):
    card = transcript_card(SESSION)
    info = choose_pace(CardAccess.decode(CARD_ACCESS).security_infos)
    session = perform(establish_pace(info, PASSWORD, example_random(MAPPING_KEY, AGREEMENT_KEY)), card)
    assert card.is_finished
    assert session.channel.suite is CipherSuite.AES_128
    assert session.channel._encryption_key.hex().upper() == "0A9DA4DB03BDDE39FC5202BC44B2E89E"
    assert session.channel._mac_key.hex().upper() == "4B1C06491ED5140CA2B537D344C6C0B1"
    proof = session.chip_authentication
    assert proof is not None
    assert (proof.oid, proof.parameter_id) == ("0.4.0.127.0.7.2.2.4.6.2", 13)
    assert proof.mapping_public_key.hex().upper() == CHIP_MAPPING_POINT
    assert proof.chip_authentication_data.hex().upper() == CHIP_AUTHENTICATION_DATA


def test_the_data_of_the_example_ties_the_mapping_key_to_the_static_key():
    curve = standardised_curve(13)
    static_key = decode_card_point(bytes.fromhex(CHIP_STATIC_POINT), curve)
    mapped = PrivateKey(curve, int(CHIP_AUTHENTICATION_DATA, 16)).multiply(static_key)
    assert mapped.encode(curve).hex().upper() == CHIP_MAPPING_POINT
