"""The groups in which PACE runs: elliptic curves and multiplicative groups modulo a prime (ICAO 9303-11, 9.5.1)."""
