"""Where a visitor who came without a path belongs."""
