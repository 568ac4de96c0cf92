"""How a reader is let in, and how a chip proves itself (ICAO 9303-11)."""
