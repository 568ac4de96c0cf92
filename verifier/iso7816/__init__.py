"""How one talks to any smart card (ISO/IEC 7816-4)."""
