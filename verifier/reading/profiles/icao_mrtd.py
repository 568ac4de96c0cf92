"""icao-mrtd: any travel document after ICAO 9303 with the LDS1 application."""

from verifier.reading.profile import CardProfile

ICAO_MRTD = CardProfile(
    name="icao-mrtd",
    title="Travel document after ICAO 9303",
    assumptions=(
        "Any state whose country signing certificate is in the trust store is accepted.",
        "Chip Authentication and Active Authentication are optional features of such documents, so a document without "
        "either passes. Where the signed data lists one of them, or PACE with chip authentication mapping, a chip that "
        "does not prove itself does not pass.",
        "No card status list exists for such documents; a stolen passport is not noticed here.",
    ),
    required_checks=frozenset(
        {
            "access",
            "sod-signature",
            "signer-path",
            "signer-revocation",
            "data-group-hashes",
            "document-validity",
        }
    ),
    proof_where_offered=True,
)
