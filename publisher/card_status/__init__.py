"""The card status list: what of the register is published, as a base of the month and a delta of the day."""

from publisher.card_status.adding import CardStatusChange, add_card_status, renew_card_status_key
from publisher.card_status.difference import Difference
from publisher.card_status.known_list import card_status_endings

__all__ = ["CardStatusChange", "Difference", "add_card_status", "card_status_endings", "renew_card_status_key"]
