"""The card's side of the protocols, in its own arithmetic."""
