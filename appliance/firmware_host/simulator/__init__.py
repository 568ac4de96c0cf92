"""A PN532 on a pseudo-terminal with a contactless card in its field."""
