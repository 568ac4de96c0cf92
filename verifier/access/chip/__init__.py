"""How a chip proves that it is no copy (ICAO 9303-11, 6)."""
