"""The door for issuers: to publish a card status list, signed, and to ask one what it says of a card.

``docs/card-status-list.md`` describes the file, and by which hashes a card is listed.
"""

from verifier.cardstatus.card_status_list import CardStatus, CardStatusList
from verifier.cardstatus.layout import CardState
from verifier.cardstatus.publishing import CardStatusEntry, build_card_status_list

__all__ = ["CardState", "CardStatus", "CardStatusEntry", "CardStatusList", "build_card_status_list"]
