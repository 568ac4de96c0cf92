"""The cards of the catalogue, by what is wrong with them; ``verifier.sdk.testing.misbehaving`` is the door."""
