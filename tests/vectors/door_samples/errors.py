"""Tell people apart from readers: what an error says of the card, and what it does not."""

from verifier.sdk import CanPassword
from verifier.sdk.errors import AccessDenied, CardError, CardRefused, InvalidInput, ReaderError, VerifierError


def advice(error: VerifierError) -> str:
    match error:
        case AccessDenied():
            return "enter the number once more"
        case CardRefused(status=status):
            return f"the card said {status:04X}"
        case CardError():
            return "hold the card still"
        case ReaderError():
            return "see to the reader"
        case _:
            return error.sentence


told = ""
try:
    CanPassword("12345")
except InvalidInput as refusal:
    told = f"{refusal.reason}: {advice(refusal)}"
assert told.startswith("invalid-input: ")
assert advice(CardRefused("no such file", 0x6A82)) == "the card said 6A82"
