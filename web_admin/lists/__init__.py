"""The lists that cards are checked against: how old they are, where they come from, and taking up newer ones."""
