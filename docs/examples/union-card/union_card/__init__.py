"""The card of the Utopian Union of Lighthouse Keepers: an example of a profile in a package of its own.

Union and country are invented. A profile is data: everything that is done with it is done by the SDK.
"""

from verifier.sdk.profiles import CardProfile, ChipProof, HolderData, ReadingPlan


def lighthouse_number(holder: HolderData) -> str:
    """Return the number by which the union's list knows a keeper: the digits before the first filler."""
    return (holder.personal_number or "").partition("<")[0] or holder.document_number


UNION_CARD = CardProfile(
    name="union-card",
    title="Utopian lighthouse keeper's card",
    assumptions=(
        "Known from the issuer: the chip holds the LDS1 application of ICAO 9303.",
        "Assumed: every card has Chip Authentication; cards of the first series may have none.",
    ),
    issuing_states=frozenset({"UTO"}),
    document_types=("I", "A"),
    plan=ReadingPlan(data_groups=("DG1",), chip_proofs=(ChipProof.CHIP_AUTHENTICATION,)),
    # The union publishes no card status list. All other checks are required.
    required_checks=frozenset(
        {
            "access",
            "sod-signature",
            "signer-path",
            "signer-revocation",
            "issuing-state",
            "data-group-hashes",
            "chip-authenticity",
            "document-validity",
        }
    ),
    holder_identifier=lighthouse_number,
)
