"""The same oracle for revocation: one signer, one list or two, each with something done to it."""

import asyncio
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from typing import Final

from asn1crypto import crl as asn1_crl
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathBuildingError, ValidationError

from conformance_suites.building import AT, FROM, UNKNOWN, UNTIL, Cert, Crl, Made, leaf, make
from conformance_suites.results import Group, Suite
from verifier.pki.path import find_path
from verifier.pki.revocation import RevocationState, revocation_status
from verifier.pki.trust.trust_store import TrustStore

LISTS = 300
SEED = 9303
_SERIAL = 4711
_DAY = timedelta(days=1)
_HERE = x509.UniformResourceIdentifier("http://pki.example/here.crl")
_THERE = x509.UniformResourceIdentifier("http://pki.example/there.crl")
_POINTS = (x509.CRLDistributionPoints([x509.DistributionPoint([_HERE], None, None, None)]), False)


def _scope(**fields: object) -> Mapping[str, object]:
    """Return an issuingDistributionPoint."""
    plain = {"only_contains_user_certs": False, "only_contains_ca_certs": False, "only_contains_attribute_certs": False}
    every = (
        {"full_name": None, "relative_name": None, "only_some_reasons": None, "indirect_crl": False} | plain | fields
    )
    return {"extra": ((x509.IssuingDistributionPoint(**every), True),)}  # type: ignore[arg-type]


CHANGES: Final[dict[str, Mapping[str, object]]] = {
    "names the signer": {"revoked": (1, _SERIAL, 2)},
    "names others": {"revoked": (1, 2)},
    "overdue": {"this_update": FROM, "next_update": AT - _DAY},
    "of tomorrow": {"this_update": AT + _DAY, "next_update": UNTIL},
    "signed by a stranger": {"signed_with": "a stranger"},
    "another issuer": {"issuer": "somebody else"},
    "unknown critical extension": {"extra": (UNKNOWN,)},
    "unknown extension": {"extra": ((UNKNOWN[0], False),)},
    "no number": {"number": False},
    "a delta": {"extra": ((x509.DeltaCRLIndicator(1), True),)},
    "for the signer's point": _scope(full_name=[_HERE]),
    "for another point": _scope(full_name=[_THERE]),
    "for authorities": _scope(only_contains_ca_certs=True),
    "for end entities": _scope(only_contains_user_certs=True),
    "for attribute certificates": _scope(only_contains_attribute_certs=True),
    "for some reasons": _scope(full_name=[_HERE], only_some_reasons=frozenset({x509.ReasonFlags.key_compromise})),
}
STRICTER: Final[dict[str, str]] = {
    "of tomorrow": "who is on a properly signed list is revoked, whatever its date",
    "overdue": "who is on a properly signed list is revoked, whatever its date",
    **dict.fromkeys(
        ("for authorities", "for attribute certificates", "for another point", "for some reasons"),
        "who is on a properly signed list is revoked, whatever the list is for",
    ),
}
"""Change → why we say revoked, or do not know, where the oracle says good."""


@dataclass(frozen=True)
class Scene:
    """A signer and its lists, with what was done to them."""

    peer: Cert
    crls: tuple[Crl, ...]
    changes: tuple[str, ...]


@cache
def suite() -> Suite:
    """Generate and judge all scenes."""
    group = Group("root → signer, one CRL or two")
    with asyncio.Runner() as loop:
        for number, scene in enumerate(scenes(SEED, LISTS)):
            ours, theirs = judge(scene, loop)
            case = f"scene {number}, {scene.changes}"
            why = explanations(scene) if ours != RevocationState.GOOD else []
            if (ours == "good") == (theirs == ""):
                group.judge(case, good=True, seen="")
            elif why:
                group.deviate(case, as_decided=True, seen="", why=why[0])
            else:
                group.judge(case, good=False, seen=f"{ours}, but the oracle says {theirs or 'good'}")
    return Suite("An oracle for revocation", _TEXT, [group])


def scenes(seed: int, count: int) -> Iterator[Scene]:
    """Generate scenes."""
    draw = random.Random(seed)  # noqa: S311 – scenes to be repeated, not secrets
    for _ in range(count):
        changes, crls = [], []
        for _ in range(draw.choice((1, 1, 2))):
            crl = Crl("root")
            for name in draw.sample(sorted(CHANGES), draw.choice((0, 1, 1, 2))):
                crl = replace(crl, **CHANGES[name])  # type: ignore[arg-type]
                changes.append(name)
            crls.append(crl)
        with_points = draw.random() < 0.5
        peer = leaf(serial=_SERIAL, extra=(_POINTS,) if with_points else ())
        yield Scene(peer, tuple(crls), tuple(changes))


def judge(scene: Scene, loop: asyncio.Runner) -> tuple[str, str]:
    """Return our state, and why the oracle refuses; empty where it does not."""
    made = make([Cert("root")], [], scene.peer, scene.crls)
    store = TrustStore.from_certificates(made.roots, made.crls)
    path = find_path(made.peer, store, AT).path
    status = revocation_status(made.peer, path, store, AT)
    return str(status.state), loop.run(_ask(made))


def explanations(scene: Scene) -> list[str]:
    """Return why we may be stricter than the oracle, and never the other way round; empty where nothing explains it."""
    return [STRICTER[change] for change in scene.changes if change in STRICTER]


async def _ask(made: Made) -> str:
    root, peer = (asn1_x509.Certificate.load(each.der) for each in (made.roots[0], made.peer))
    crls = [asn1_crl.CertificateList.load(crl.der) for crl in made.crls]
    context = ValidationContext(trust_roots=[root], moment=AT, crls=crls, revocation_mode="require")
    try:
        await CertificateValidator(peer, validation_context=context).async_validate_usage({"digital_signature"})
    except (ValidationError, PathBuildingError) as error:
        return str(error) or type(error).__name__
    return ""


_TEXT = f"""\
{LISTS} signers, each with a CRL or two that had up to two of {len(CHANGES)} changes, judged by `revocation_status` and
by pyhanko-certvalidator, which was told to insist on revocation lists. *Passed* means that both show the signer as
good, or both do not; we are never to be the more lenient one."""
