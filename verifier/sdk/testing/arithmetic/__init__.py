"""Groups and curves in plain Python; the time that they take depends on secrets."""
