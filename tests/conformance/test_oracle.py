"""Two verifiers, the same chains: where they differ, a rule says why."""

import asyncio
import random

from conformance_suites import oracle, oracle_crls
from conformance_suites.oracle import Chain, Verdicts, explanations, judge

CHAINS, SCENES = 150, 80
SEED = random.randrange(2**32)


def test_every_difference_from_the_oracle_is_explained() -> None:
    with asyncio.Runner() as loop:
        for chain in oracle.chains(SEED, CHAINS):
            verdicts = judge(chain, loop)
            agreed = verdicts.we_accept == verdicts.they_accept
            assert agreed or explanations(chain, verdicts), (SEED, chain.kind, chain.changes, verdicts)


def test_untouched_chains_are_accepted_by_both_and_forged_ones_by_neither() -> None:
    with asyncio.Runner() as loop:
        chains = [chain for chain in oracle.chains(1, 100) if not chain.changes or _forged(chain)]
        verdicts = [judge(chain, loop) for chain in chains]
    assert {_forged(chain) for chain in chains} == {True, False}
    for chain, verdict in zip(chains, verdicts, strict=True):
        assert verdict.we_accept == verdict.they_accept == (not _forged(chain))


def test_a_change_explains_a_difference_in_its_own_direction_only() -> None:
    chain = Chain("root → signer", (), (("signer", "another issuer's name"),))
    assert explanations(chain, Verdicts("path-found", "names do not chain"))
    assert not explanations(chain, Verdicts("signature-invalid", ""))


def test_revocation_is_never_more_lenient_than_the_oracle() -> None:
    with asyncio.Runner() as loop:
        for scene in oracle_crls.scenes(SEED, SCENES):
            ours, theirs = oracle_crls.judge(scene, loop)
            if (ours == "good") != (theirs == ""):
                assert ours != "good", (SEED, scene.changes, theirs)
                assert oracle_crls.explanations(scene), (SEED, scene.changes, ours)


def _forged(chain: Chain) -> bool:
    return ("signer", "signed by a stranger") in chain.changes
