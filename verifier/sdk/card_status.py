"""The door for those who receive card status lists: to ask one about a card, and to bring one up to date by a delta.

``CardStatusList.open(path, key, index=…)`` opens the same list again in milliseconds; ``apply_card_status_delta`` makes
today's list from the month's; ``CardStatusDelta.decode`` tells what a delta would lead to. ``docs/card-status-list.md``
describes the files, ``verifier.sdk.publishing`` makes them.
"""

from verifier.cardstatus.applying import apply_card_status_delta
from verifier.cardstatus.card_status_list import CardStatus, CardStatusList
from verifier.cardstatus.delta import CardStatusDelta
from verifier.cardstatus.layout import CardState

__all__ = ["CardState", "CardStatus", "CardStatusDelta", "CardStatusList", "apply_card_status_delta"]
