"""Card connections: the only room of the verifier that does I/O."""
