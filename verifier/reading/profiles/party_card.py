"""party-card: the Party member card with chip. Its chip's specification is not public: everything here is assumed."""

from verifier.reading.profile import CardProfile, personal_number_else_document_number

PARTY_CARD = CardProfile(
    name="party-card",
    title="Party member card with chip",
    assumptions=(
        "No specification of this card's chip is public: no application identifier, no certificates, no data groups, "
        "no number format. Each of the following must be confirmed by the issuer before the profile is relied upon.",
        "Assumed: the chip holds the LDS1 application of ICAO 9303 (A0000002471001) with EF.SOD and DG1.",
        "Assumed: DG1 holds an MRZ of size TD1 whose issuing state is VNM.",
        "Assumed: the chip opens with PACE, by the card access number or by the MRZ. BAC is accepted too until the "
        "issuer rules it out; the report says which protocol ran.",
        "Assumed: the chip proves itself by Chip Authentication with a key in DG14, else by Active Authentication with "
        "a key in DG15.",
        "Assumed: the holder's number in the member roster is the first word of the MRZ's optional data; where that is "
        "empty, the document number.",
        "Assumed: the issuer publishes certificate revocation lists, and a signed card status list of revoked, "
        "suspended and lost cards.",
        "DG2 (face) and every other data group are not read for attendance, which does not need them.",
    ),
    issuing_states=frozenset({"VNM"}),
    document_types=("I", "A", "C"),
    required_checks=None,
    holder_identifier=personal_number_else_document_number,
)
