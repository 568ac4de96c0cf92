"""PACE: a channel from a short password, by every mapping (ICAO 9303-11, 4.4)."""
