"""The door for issuers: to publish a card status list, signed, and deltas to it; to read the register of cards.

``read_card_status_csv`` reads the register, ``build_card_status_list`` signs what is not good, and
``make_card_status_delta`` says what changed since an earlier list. ``docs/card-status-list.md`` describes the files,
and by which hashes a card is listed.
"""

from verifier.cardstatus.card_status_list import CardStatus, CardStatusList
from verifier.cardstatus.delta_making import make_card_status_delta
from verifier.cardstatus.layout import CardState
from verifier.cardstatus.publishing import CardStatusEntry, build_card_status_list
from verifier.cardstatus.table import read_card_status_csv

__all__ = [
    "CardState",
    "CardStatus",
    "CardStatusEntry",
    "CardStatusList",
    "build_card_status_list",
    "make_card_status_delta",
    "read_card_status_csv",
]
