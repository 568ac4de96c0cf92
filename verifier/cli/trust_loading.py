"""Trust folders as the command line loads them: where a folder trusts nobody yet, it is said what to do."""

from pathlib import Path

from verifier.pki.sources.signed_list import ListSigners
from verifier.pki.trust.trust_folder import scan_folder
from verifier.sdk import TrustStore
from verifier.sdk.errors import TrustMaterialError


def load_trust(folder: Path, *, index: Path | None = None, list_signers: ListSigners | None = None) -> TrustStore:
    """Load a folder. Raises ``TrustMaterialError``, which names the signed lists that nobody vouches for."""
    try:
        return TrustStore.from_folder(folder, index=index, list_signers=list_signers)
    except TrustMaterialError as error:
        raise TrustMaterialError(error.sentence + _advice(folder)) from error


def how_to_vouch(folder: Path, name: str) -> str:
    """Return what makes a list count. Nobody should name a signer whom the list alone speaks for."""
    file = name.partition(": ")[0]
    return (
        f"to believe {file}, thechip trust add {folder} {file} --list-signer SHA256; thechip trust lint {file} shows "
        "who signed it: compare that fingerprint with one published elsewhere"
    )


def _advice(folder: Path) -> str:
    try:
        lists = scan_folder(folder).signed_lists
    except TrustMaterialError:
        return ""
    return f". It holds a signed list: {how_to_vouch(folder, str(folder / lists[0][0]))}" if lists else ""
