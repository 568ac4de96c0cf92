"""Unit LDS_H, the algorithms: every one that issuers may use, in the security object and in the chain above it."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from conformance_suites.tr03105.case import SUCCESS, Case, Seen
from conformance_suites.tr03105.keys import PlanScheme, plan_key
from conformance_suites.tr03105.world import EAC, World, signed_again, state, with_files
from conformance_suites.tr03105.writing import CERTIFICATE, edited, removed
from verifier.pki.certificate import Certificate
from verifier.pki.trust.trust_store import TrustStore

_PKCS1, _PSS, _ECDSA, _PLAIN, _DSA, _RSA_ENCRYPTION = (
    PlanScheme.RSA_PKCS1,
    PlanScheme.RSA_PSS,
    PlanScheme.ECDSA,
    PlanScheme.ECDSA_PLAIN,
    PlanScheme.DSA,
    PlanScheme.RSA_ENCRYPTION,
)
_CURVE_BITS = {
    "sha1": (256, 224),
    "sha224": (256, 224),
    "sha256": (256, 256),
    "sha384": (384, 384),
    "sha512": (512,) * 2,
}
_NUMBERS: dict[tuple[PlanScheme, str], int] = {
    (_PKCS1, "sha1"): 1,
    (_PSS, "sha1"): 2,
    (_PSS, "sha256"): 3,
    (_PKCS1, "sha224"): 4,
    (_PKCS1, "sha256"): 5,
    (_PKCS1, "sha384"): 6,
    (_PKCS1, "sha512"): 7,
    (_DSA, "sha1"): 8,
    (_ECDSA, "sha1"): 9,
    (_PLAIN, "sha1"): 10,
    (_PLAIN, "sha224"): 11,
    (_PLAIN, "sha256"): 12,
    (_PLAIN, "sha384"): 13,
    (_PLAIN, "sha512"): 14,
    (_ECDSA, "sha224"): 70,
    (_ECDSA, "sha256"): 71,
    (_ECDSA, "sha384"): 72,
    (_ECDSA, "sha512"): 73,
    (_RSA_ENCRYPTION, "sha1"): 79,
    (_RSA_ENCRYPTION, "sha224"): 80,
    (_RSA_ENCRYPTION, "sha256"): 81,
    (_RSA_ENCRYPTION, "sha384"): 82,
    (_RSA_ENCRYPTION, "sha512"): 83,
    (_PSS, "sha224"): 94,
    (_PSS, "sha384"): 95,
    (_PSS, "sha512"): 96,
    (_DSA, "sha224"): 97,
    (_DSA, "sha256"): 98,
}
"""The cases in which one scheme and one digest are used throughout."""


def algorithm_cases() -> Iterator[Case]:
    """Yield every case that must end well."""
    for (scheme, hash_name), number in _NUMBERS.items():
        bears = ", with the policy's tolerance `deprecated-hash-sha1`" if hash_name == "sha1" else ""
        about = f"{scheme} with {hash_name.upper()} throughout{bears}"
        yield Case(f"LDS_H_{number:02}", about, SUCCESS, partial(_throughout, scheme, hash_name))
    yield Case("LDS_H_15", "the signer's certificate is in the trust store only", SUCCESS, _without_certificate)
    mixed = (
        (74, "data groups hashed with SHA-224, the object signed with SHA-256", ("sha224", _PSS, "sha256", "sha256")),
        (75, "SHA-224 for data groups and digests, RSASSA-PSS with SHA-256", ("sha224", _PSS, "sha256", "sha224")),
        (
            77,
            "the chain signed with RSASSA-PSS and SHA-224, the object with SHA-256",
            ("sha256", _PSS, "sha256", "sha256"),
        ),
        (78, "the chain signed with PKCS #1, the object with PSS", ("sha256", _PSS, "sha256", "sha256")),
        (76, "the chain signed with ECDSA, the object with RSA", ("sha224", _PKCS1, "sha256", "sha224")),
    )
    above = {
        77: plan_key(_PSS, "sha224", 3072, "CSCA"),
        78: plan_key(_PKCS1, "sha256", 3072, "CSCA"),
        76: plan_key(_ECDSA, "sha224", 256, "CSCA"),
    }
    for number, about, (lds_hash, scheme, hash_name, digest) in mixed:
        csca = above.get(number, plan_key(_PSS, "sha256", 3072, "CSCA"))
        signer = replace(plan_key(scheme, hash_name, 2048, "DS"), digest=digest)
        yield Case(f"LDS_H_{number}", about, SUCCESS, partial(_signed_by, csca, signer, lds_hash))


def _throughout(scheme: PlanScheme, hash_name: str, world: World) -> Seen:
    csca_bits, signer_bits = (3072, 2048) if "RSA" in scheme else (2048, 2048)
    if scheme in {_ECDSA, _PLAIN}:
        csca_bits, signer_bits = _CURVE_BITS[hash_name]
    in_chain = _PKCS1 if scheme is _RSA_ENCRYPTION else scheme
    csca = plan_key(in_chain, hash_name, csca_bits, "CSCA")
    return _signed_by(csca, plan_key(scheme, hash_name, signer_bits, "DS"), hash_name, world)


def _signed_by(csca: object, signer: object, lds_hash: str, world: World) -> Seen:
    ours = state(csca, signer)  # type: ignore[arg-type]
    data = world.data(replace(EAC, hash_name=lds_hash), signer=ours.signer)
    data = signed_again(data, ours.signer, hash_name=lds_hash)
    return world.inspect(world.chip(data), world.advanced, trust=ours.trust, bears_sha1=lds_hash == "sha1")


def _without_certificate(world: World) -> Seen:
    scheme = PlanScheme.RSA_PKCS1
    ours = state(plan_key(scheme, "sha256", 3072, "CSCA"), plan_key(scheme, "sha256", 2048, "DS"))
    data = world.data(EAC, signer=ours.signer)
    bare = edited(data.files["EF.SOD"], CERTIFICATE[:-1], removed)
    trust = TrustStore.from_certificates(
        [*ours.trust.certificates, Certificate.decode(ours.signer.certificate)], ours.trust.crls
    )
    return world.inspect(world.chip(with_files(data, EF_SOD=bare)), world.advanced, trust=trust)
