"""Putting people on the list: by card, by an officer's word, as guests; taking them off again."""
