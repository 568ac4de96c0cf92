"""The first start, and accepting an invitation: somebody with a one-time code chooses a password."""
