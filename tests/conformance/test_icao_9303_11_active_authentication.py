"""ICAO 9303-11 (8th edition, 2021), Appendix F: Active Authentication with RSA and SHA-1; and a real chip's answer.

The example gives no key pair, so one is made here; everything that is signed is the example's. The figures were
compared with their copies in zienit's ICAO examples (AATest.java). The real chip's signature (RSA of 1,800 bits) is
from gmrtd (github.com/gmrtd/gmrtd, activeauth/active_auth_test.go).
"""

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from verifier.access.chip.active_authentication import (
    authenticate_actively,
    response_length,
    verify_active_authentication,
)
from verifier.access.proofs import ActiveAuthenticationProof
from verifier.iso7816.exchange import perform

RND_IFD = "F173589974BF40C6"
RECOVERED = bytes.fromhex(
    "6A9D2784A67F8E7C659973EA1AEA25D95B6C8F91E5002F369F0FBDCE8A3CEC1991B543F1696546C5524CF23A5303CD6C98599F40B79F377B5F"
    "3A1406B3B4D8F96784D23AA88DB7E1032A405E69325FA91A6E86F5C71AEA978264C4A207446DAD4E7292E2DCDA3024B47DA8C063AA1E6D22FB"
    "D976AB0FE73D94D2D9C6D88127BC"
)
REAL_PUBLIC_KEY = bytes.fromhex(
    "3081FF300D06092A864886F70D01010105000381ED003081E90281E100BB8F93F4DC95E205CDA17C6927AB1E365B13065D03CD12E0FCE95D96"
    "840529453202F56CC4C13F77CD062930C8BC89A2873B257045C286E601CF3C09323A53103314902804AA10A314628CE222206A8866946A36B4"
    "42041BB54AC81E6855DD1D6E16101833D65A191C20AC8B33B8A1A32920F46043F8031CF2BC17417030865FC5BE5A39DEE423BCBA3CA8177168"
    "EB23CFE01BA43EC87711B1CFFF85DB46F300DD8AE317B50D543B573E119E23AF7070D0B2FED6A3B2313A5EC02A531AAED1741F4390D1013E2A"
    "0F081EAC5DC8B0A1B2C6BDB1206F08D30E3643E1E5BDF536110203010001"
)
REAL_PROOF = ActiveAuthenticationProof(
    bytes.fromhex("96302B0F3D7E7864"),
    bytes.fromhex(
        "474256306840C0AB1B63C10E1C26BDFEF4A0DD843920283CC4E6E70A60F2BD25DC7725F9677BC1CDE66379DC28B38E8490F33AFB2D10F9"
        "980C44C0BFC175D2B6684218F535C92FDD3E18DB770A9CCBF91DB3C7F0138E6D9E94B9BC8371761E3ABED5E5E9B260279CFB238B58AE0D"
        "6A01DA51C74C2A3ECD62C448BD9F20127F7384587287FA971204234E55B1A856C3E5AAAA620BB799A68FBAE08EE132BB61683EBA9B0B40"
        "DC1E54641CAD975B16991CAB50AF82E3F3985AFD19E7427A125F5B4B9878B12A5D2E01C7EEDCA3BB41C6FC05DCCD818BCE379D04B1F2F5"
        "D43487D3"
    ),
)


def test_appendix_f_the_signature_of_the_example_is_accepted(transcript_card, example_random):
    private_key = rsa.generate_private_key(65537, 1024)  # noqa: S505 the size of the example
    numbers = private_key.private_numbers()
    modulus = numbers.public_numbers.n
    signature = pow(int.from_bytes(RECOVERED), numbers.d, modulus).to_bytes(128)
    spki = private_key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    card = transcript_card([(f"0088000008{RND_IFD}00", signature.hex() + "9000")])
    proof = perform(authenticate_actively(example_random(RND_IFD), le=response_length(spki)), card)
    assert verify_active_authentication(proof, spki, None)
    replayed = ActiveAuthenticationProof(bytes(8), signature)
    assert not verify_active_authentication(replayed, spki, None)


def test_a_real_chips_signature_is_accepted_for_its_challenge_only():
    assert verify_active_authentication(REAL_PROOF, REAL_PUBLIC_KEY, None)
    replayed = ActiveAuthenticationProof(b"\x01" * 8, REAL_PROOF.signature)
    assert not verify_active_authentication(replayed, REAL_PUBLIC_KEY, None)
