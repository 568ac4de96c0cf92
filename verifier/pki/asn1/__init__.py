"""Encodings: BER, DER and its times, read without recursion."""
