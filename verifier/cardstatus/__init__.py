"""Which cards are no longer good: the card status list."""
