"""Whom to believe: the trust store, the folder and the index that it is loaded from."""
