"""Public keys and the signatures that they verify."""
