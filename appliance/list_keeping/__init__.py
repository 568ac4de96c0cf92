"""Keeping the signed lists, and handing what they bring over to the store."""
