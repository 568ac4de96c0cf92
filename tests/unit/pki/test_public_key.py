import hashlib

import pytest
from asn1crypto import keys
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from verifier.errors import MalformedData, UnsupportedFeature
from verifier.pki.keys.algorithms import Scheme, SignatureAlgorithm
from verifier.pki.keys.curves import NAMED_CURVES
from verifier.pki.keys.public_key import Deviation, PublicKey

RSA_KEY = rsa.generate_private_key(65537, 2048)
ECDSA_SHA256 = SignatureAlgorithm(Scheme.ECDSA, "sha256")
PKCS1_SHA256 = SignatureAlgorithm(Scheme.RSA_PKCS1, "sha256")
SUPPORTED = [curve for curve in NAMED_CURVES if curve.implementation is not None]
LACKING = [curve for curve in NAMED_CURVES if curve.implementation is None]


def spki(key):
    public = key.public_key()
    return public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def domain(curve, **changes):
    """SpecifiedECDomain with every parameter, made by asn1crypto; ``changes`` to spoil it."""
    size = curve.field_length
    g = b"\x04" + curve.gx.to_bytes(size) + curve.gy.to_bytes(size)
    values = {
        "version": "ecdpVer1",
        "field_id": {"field_type": "prime_field", "parameters": changes.get("p", curve.p)},
        "curve": {
            "a": changes.get("a", curve.a).to_bytes(size),
            "b": changes.get("b", curve.b).to_bytes(size),
            **({"seed": bytes(20)} if changes.get("seed") else {}),
        },
        "base": changes.get("g", g),
        "order": changes.get("n", curve.n),
    }
    if changes.get("h", 1) is not None:
        values["cofactor"] = changes.get("h", 1)
    return keys.SpecifiedECDomain(values)


def explicit(key, curve, **changes):
    info = keys.PublicKeyInfo.load(spki(key))
    info["algorithm"]["parameters"] = keys.ECDomainParameters(name="specified", value=domain(curve, **changes))
    return info.dump(force=True)


@pytest.mark.parametrize("curve", SUPPORTED, ids=lambda curve: curve.name)
def test_a_named_curve_and_the_same_written_out_are_one(curve):
    key = ec.generate_private_key(curve.implementation)
    signature = key.sign(b"message", ec.ECDSA(hashes.SHA256()))
    for encoded in (spki(key), explicit(key, curve), explicit(key, curve, seed=True), explicit(key, curve, h=None)):
        public = PublicKey.decode(encoded)
        assert public.description == f"EC {curve.name}"
        assert public.verify(ECDSA_SHA256, signature, b"message")
        assert not public.verify(ECDSA_SHA256, signature, b"another")


@pytest.mark.parametrize("curve", NAMED_CURVES, ids=lambda curve: curve.name)
def test_the_numbers_of_a_curve_are_consistent(curve):
    assert (curve.gy**2 - curve.gx**3 - curve.a * curve.gx - curve.b) % curve.p == 0
    assert abs(curve.n - curve.p - 1) <= 2 * (int(curve.p**0.5) + (1 << (curve.p.bit_length() // 2 - 40)))


@pytest.mark.parametrize("curve", LACKING, ids=lambda curve: curve.name)
def test_a_curve_that_the_library_lacks_verifies_and_does_nothing_else(curve):
    point = b"\x04" + curve.gx.to_bytes(curve.field_length) + curve.gy.to_bytes(curve.field_length)
    info = keys.PublicKeyInfo.load(spki(ec.generate_private_key(ec.SECP256R1())))
    info["algorithm"]["parameters"] = keys.ECDomainParameters(name="specified", value=domain(curve))
    info["public_key"] = point
    public = PublicKey.decode(info.dump(force=True))
    assert public.description == f"EC {curve.name}"
    assert not public.verify(ECDSA_SHA256, bytes.fromhex("3006020101020101"), b"message")
    with pytest.raises(UnsupportedFeature, match=curve.name):
        _ = public.key


def other_generator(curve):
    """2G, which is what CVE-2020-0601 is about: the attacker's own G makes any key his."""
    key = ec.derive_private_key(2, curve.implementation).public_key()
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


P256 = next(curve for curve in NAMED_CURVES if curve.name == "P-256")


@pytest.mark.parametrize(
    "changes",
    [
        {"g": other_generator(P256)},
        {"g": b"\x04" + bytes(64)},
        {"a": P256.a - 1},
        {"b": P256.b + 1},
        {"n": P256.n - 2},
        {"p": P256.p - 2},
        {"h": 2},
        {"h": 0},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_parameters_that_differ_in_a_single_value_are_no_known_curve(changes):
    key = ec.generate_private_key(ec.SECP256R1())
    with pytest.raises(UnsupportedFeature, match="no known curve"):
        PublicKey.decode(explicit(key, P256, **changes))


def test_a_compressed_base_point_and_a_compressed_key_are_read():
    key = ec.generate_private_key(ec.SECP256R1())
    compressed = key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint)
    info = keys.PublicKeyInfo.load(explicit(key, P256, g=bytes([2 + P256.gy % 2]) + P256.gx.to_bytes(32)))
    info["public_key"] = keys.ECPointBitString(compressed)
    public = PublicKey.decode(info.dump(force=True))
    assert public.verify(ECDSA_SHA256, key.sign(b"m", ec.ECDSA(hashes.SHA256())), b"m")
    with pytest.raises(UnsupportedFeature):
        PublicKey.decode(explicit(key, P256, g=bytes([3 - P256.gy % 2]) + P256.gx.to_bytes(32)))


def test_a_point_off_the_curve_is_malformed():
    info = keys.PublicKeyInfo.load(spki(ec.generate_private_key(ec.SECP256R1())))
    info["public_key"] = keys.ECPointBitString(b"\x04" + b"\x01" * 64)
    with pytest.raises(MalformedData, match="P-256"):
        PublicKey.decode(info.dump(force=True))


def test_parameters_inherited_from_the_issuer_are_refused():
    info = keys.PublicKeyInfo.load(spki(ec.generate_private_key(ec.SECP256R1())))
    info["algorithm"]["parameters"] = keys.ECDomainParameters(name="implicit_ca", value=None)
    with pytest.raises(UnsupportedFeature, match="inherited"):
        PublicKey.decode(info.dump(force=True))


@pytest.mark.parametrize("hash_name", ["sha1", "sha224", "sha256", "sha384", "sha512"])
def test_every_hash_verifies_with_every_scheme(hash_name):
    algorithm = {"sha1": hashes.SHA1, "sha224": hashes.SHA224, "sha256": hashes.SHA256}.get(hash_name)
    hash_algorithm = (algorithm or {"sha384": hashes.SHA384, "sha512": hashes.SHA512}[hash_name])()
    ec_key = ec.generate_private_key(ec.SECP256R1())
    pss = padding.PSS(padding.MGF1(hash_algorithm), 20)
    rsa_public, ec_public = PublicKey.decode(spki(RSA_KEY)), PublicKey.decode(spki(ec_key))
    for public, scheme, signature in (
        (ec_public, Scheme.ECDSA, ec_key.sign(b"m", ec.ECDSA(hash_algorithm))),
        (rsa_public, Scheme.RSA_PKCS1, RSA_KEY.sign(b"m", padding.PKCS1v15(), hash_algorithm)),
        (rsa_public, Scheme.RSA_PSS, RSA_KEY.sign(b"m", pss, hash_algorithm)),
    ):
        verdict = public.verify(SignatureAlgorithm(scheme, hash_name, hash_name, 20), signature, b"m")
        assert (verdict.valid, verdict.deviations) == (True, ())


def test_pss_with_another_hash_in_its_mask_verifies():
    signature = RSA_KEY.sign(b"m", padding.PSS(padding.MGF1(hashes.SHA1()), 11), hashes.SHA512())
    public = PublicKey.decode(spki(RSA_KEY))
    assert public.verify(SignatureAlgorithm(Scheme.RSA_PSS, "sha512", "sha1", 11), signature, b"m")
    assert not public.verify(SignatureAlgorithm(Scheme.RSA_PSS, "sha512", "sha512", 11), signature, b"m")


def raw_pkcs1(digest_info):
    size = RSA_KEY.key_size // 8
    block = b"\x00\x01" + b"\xff" * (size - 3 - len(digest_info)) + b"\x00" + digest_info
    numbers = RSA_KEY.private_numbers()
    return pow(int.from_bytes(block), numbers.d, numbers.public_numbers.n).to_bytes(size)


def test_a_digest_info_without_null_is_good_and_named():
    digest = hashlib.sha256(b"m").digest()
    without_null = bytes.fromhex("302f300b06096086480165030402010420") + digest
    verdict = PublicKey.decode(spki(RSA_KEY)).verify(PKCS1_SHA256, raw_pkcs1(without_null), b"m")
    assert (verdict.valid, verdict.deviations) == (True, (Deviation.DIGEST_INFO_WITHOUT_NULL,))


@pytest.mark.parametrize(
    "digest_info",
    [
        hashlib.sha256(b"m").digest(),
        bytes.fromhex("302f300b06096086480165030402010420") + hashlib.sha256(b"another").digest(),
        bytes.fromhex("302f300b06096086480165030402010420") + hashlib.sha256(b"m").digest() + b"\x00" * 40,
        bytes.fromhex("302f300b06096086480165030402030420") + hashlib.sha256(b"m").digest(),
    ],
)
def test_anything_else_under_the_padding_is_forged(digest_info):
    assert not PublicKey.decode(spki(RSA_KEY)).verify(PKCS1_SHA256, raw_pkcs1(digest_info), b"m")


def test_a_scheme_that_does_not_go_with_the_key_is_forged():
    ec_key = ec.generate_private_key(ec.SECP256R1())
    assert not PublicKey.decode(spki(ec_key)).verify(PKCS1_SHA256, b"\x00" * 64, b"m")
    assert not PublicKey.decode(spki(RSA_KEY)).verify(ECDSA_SHA256, utils.encode_dss_signature(1, 1), b"m")


def test_a_key_for_pss_only_verifies_nothing_else():
    info = keys.PublicKeyInfo.load(spki(RSA_KEY))
    info["algorithm"] = {"algorithm": "rsassa_pss"}
    public = PublicKey.decode(info.dump(force=True))
    assert public.pss_only
    assert not public.verify(PKCS1_SHA256, RSA_KEY.sign(b"m", padding.PKCS1v15(), hashes.SHA256()), b"m")


@pytest.mark.parametrize("signature", [b"", b"\x00", b"\xff" * 256, b"\x30\x80" * 50, b"\x00" * 5000])
def test_nonsense_is_no_signature(signature):
    ec_key = ec.generate_private_key(ec.SECP256R1())
    for key, scheme in ((ec_key, Scheme.ECDSA), (RSA_KEY, Scheme.RSA_PKCS1), (RSA_KEY, Scheme.RSA_PSS)):
        algorithm = SignatureAlgorithm(scheme, "sha512", "sha512", 64)
        assert not PublicKey.decode(spki(key)).verify(algorithm, signature, b"m")


@pytest.mark.parametrize(("n", "e"), [(2**511 + 1, 65537), (2**2047 + 1, 2), (2**2047 + 1, 1), (-5, 3)])
def test_rsa_keys_of_impossible_numbers_are_refused(n, e):
    info = keys.PublicKeyInfo.wrap(keys.RSAPublicKey({"modulus": n, "public_exponent": e}), "rsa")
    with pytest.raises((MalformedData, UnsupportedFeature)):
        PublicKey.decode(info.dump())


def test_pss_parameters_default_as_rfc_4055_says():
    decoded = SignatureAlgorithm.decode(bytes.fromhex("300d06092a864886f70d01010a3000"))
    assert decoded == SignatureAlgorithm(Scheme.RSA_PSS, "sha1", "sha1", 20)
    with pytest.raises(MalformedData):
        SignatureAlgorithm.decode(bytes.fromhex("301206092a864886f70d01010a3005a2030201ff"))
