"""Meetings: plan, open and close them; watch one live; take its list away as CSV."""
