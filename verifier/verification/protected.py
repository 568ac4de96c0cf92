"""What the card holds and this reader may not read: fingerprints and irises (ICAO 9303-10, 4.7.3; TR-03110-1, 3.2).

They are behind Terminal Authentication, which wants a certificate of the issuing state. No such thing is carried here,
and what the files hold is never guessed: that they are there, the SOD says.
"""

from typing import Final

from verifier.lds.elementary_files import data_group_name
from verifier.verification.case import Case

PROTECTED: Final = (3, 4)


def protected_groups(case: Case) -> tuple[str, ...]:
    """Return the names of the protected data groups that the issuer signed and that nobody gave us: ``("DG3",)``."""
    if case.trusted is None or case.security_object is None:
        return ()
    names = (data_group_name(number) for number in PROTECTED if number in case.security_object.data_group_hashes)
    return tuple(name for name in names if name not in case.evidence.files)
