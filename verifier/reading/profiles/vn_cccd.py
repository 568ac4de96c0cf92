"""vn-cccd: the Vietnamese citizen identity card (căn cước công dân) with chip."""

from verifier.reading.profile import CardProfile, HolderData

CITIZEN_NUMBER_LENGTH = 12


def citizen_number(holder: HolderData) -> str:
    """Return the 12-digit citizen number from the optional data, or the 9-digit document number without it."""
    first_word = (holder.personal_number or "").partition("<")[0]
    if len(first_word) == CITIZEN_NUMBER_LENGTH and first_word.isascii() and first_word.isdigit():
        return first_word
    return holder.document_number


VN_CCCD = CardProfile(
    name="vn-cccd",
    title="Vietnamese citizen identity card with chip",
    assumptions=(
        "Observed: the MRZ has size TD1; EF.COM lists DG1, 2, 3, 13, 14 and 15; DG3 is protected.",
        "Observed: SELECT of the master file answers 6D00, so EF.CardAccess is read without selecting it.",
        "Observed: on some chips EF.CardAccess answers 6982, and BAC is meant.",
        "Believed: BAC's document number is the last 9 of the 12 digits of the citizen number.",
        "Believed: the MRZ's optional data begins with the 12-digit citizen number, which identifies the holder.",
        "DG2 (face) is read for an identity check only, DG13 (family, religion, origin) for a full reading only.",
        "Assumed: DG13 is laid out as readers published by others say; see verifier/reading/profiles/"
        "vn_citizen_details.py. Nothing but CitizenDetails.decode looks into it.",
        "The issuer publishes no card status list for this purpose, so none is required.",
    ),
    issuing_states=frozenset({"VNM"}),
    document_types=("I", "C"),
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
    holder_identifier=citizen_number,
)
