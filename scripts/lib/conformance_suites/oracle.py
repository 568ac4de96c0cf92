"""A differential test: generated chains, judged by us and by pyhanko-certvalidator, which implements RFC 5280."""

import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from asn1crypto import x509 as asn1_x509
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathBuildingError, ValidationError
from pyhanko_certvalidator.policy_decl import NO_REVOCATION, CertRevTrustPolicy

from conformance_suites.building import AT, Cert, Made, leaf, make
from conformance_suites.oracle_mutations import FOR_ALL, FOR_AUTHORITIES, FOR_SIGNERS, MORE_LENIENT, STRICTER
from conformance_suites.results import Group, Suite
from verifier.pki.path import find_path
from verifier.pki.trust.trust_store import TrustStore

CHAINS = 600
SEED = 9303
_DIRECT, _LINKED = "root → signer", "root → link → signer"


@dataclass(frozen=True)
class Chain:
    """One generated chain: what it consists of, and what was done to whom."""

    kind: str
    specs: tuple[Cert, ...]
    """Root first, signer last."""
    changes: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Verdicts:
    """What each of the two said."""

    ours: str
    theirs: str

    @property
    def we_accept(self) -> bool:
        """Whether we found a path."""
        return self.ours == "path-found"

    @property
    def they_accept(self) -> bool:
        """Whether the oracle did."""
        return not self.theirs


@cache
def suite() -> Suite:
    """Generate and judge all chains."""
    groups = {kind: Group(kind) for kind in (_DIRECT, _LINKED)}
    with asyncio.Runner() as loop:
        for number, chain in enumerate(chains(SEED, CHAINS)):
            verdicts = judge(chain, loop)
            group, case = groups[chain.kind], f"chain {number}, {chain.changes}"
            if verdicts.we_accept == verdicts.they_accept:
                group.judge(case, good=True, seen="")
                continue
            why = explanations(chain, verdicts)
            if why:
                group.deviate(case, as_decided=True, seen="", why=why[0])
            else:
                group.judge(case, good=False, seen=f"{verdicts} is not explained")
    return Suite("An oracle", _TEXT, list(groups.values()))


def chains(seed: int, count: int) -> Iterator[Chain]:
    """Generate chains: a quarter untouched, the others with one change or two."""
    draw = random.Random(seed)  # noqa: S311 – chains to be repeated, not secrets
    for _ in range(count):
        kind = draw.choice((_DIRECT, _LINKED))
        roles = ["root", "signer"] if kind == _DIRECT else ["root", "link", "signer"]
        specs = dict(zip(roles, _plain(kind), strict=True))
        changes = []
        for _ in range(draw.choice((0, 1, 1, 2))):
            role = draw.choice(roles)
            possible = FOR_ALL | (FOR_SIGNERS if role == "signer" else FOR_AUTHORITIES)
            name = draw.choice(sorted(possible))
            specs[role] = replace(specs[role], **possible[name])  # type: ignore[arg-type]
            changes.append((role, name))
        yield Chain(kind, tuple(specs.values()), tuple(changes))


def judge(chain: Chain, loop: asyncio.Runner) -> Verdicts:
    """Have both judge a chain."""
    root, *others, signer = chain.specs
    made = make([root], others, signer)
    found = find_path(made.peer, TrustStore.from_certificates((*made.roots, *made.others)), AT)
    return Verdicts(str(found.reason), loop.run(_ask(made)))


def explanations(chain: Chain, verdicts: Verdicts) -> list[str]:
    """Return why the two may differ over a chain; empty where nothing that was done to it explains that."""
    table = MORE_LENIENT if verdicts.we_accept else STRICTER
    return [table[change] for change in chain.changes if change in table]


async def _ask(made: Made) -> str:
    """Return why the oracle refuses; empty where it accepts."""
    root, peer = (asn1_x509.Certificate.load(each.der) for each in (made.roots[0], made.peer))
    others = [asn1_x509.Certificate.load(other.der) for other in made.others]
    context = ValidationContext(
        trust_roots=[root], moment=AT, revinfo_policy=CertRevTrustPolicy(revocation_checking_policy=NO_REVOCATION)
    )
    validator = CertificateValidator(peer, intermediate_certs=others, validation_context=context)
    try:
        await validator.async_validate_usage({"digital_signature"})
    except (ValidationError, PathBuildingError) as error:
        return str(error) or type(error).__name__
    return ""


def _plain(kind: str) -> tuple[Cert, ...]:
    if kind == _DIRECT:
        return Cert("root"), leaf()
    return Cert("root"), Cert("link", "root", subject="root"), leaf("link")


_CHANGES = len(FOR_ALL) + len(FOR_AUTHORITIES) + len(FOR_SIGNERS)
_TEXT = f"""\
{CHAINS} chains generated from a seed: a root, with or without a link certificate, and a signer; some of them good, the
others with one or two of {_CHANGES} changes. They are judged by `find_path` and by
[pyhanko-certvalidator](https://pypi.org/project/pyhanko-certvalidator/), which implements RFC 5280. *Passed* means that
both say the same, *deviating* that they differ for one of the reasons listed. The tests do so with other seeds."""
