"""Everything known about chip identity cards: reading, and verifying offline. The public door is ``verifier.sdk``."""
