"""Evidence: the bytes that were read from a card, and the chip's proofs. What ``verify`` judges.

Evidence decides nothing. It can be stored, carried elsewhere, and verified again years later with the lists of that
day. The file format is described in ``docs/evidence-format.md``.
"""
