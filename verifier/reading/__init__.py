"""What to read from which card: profiles and the reading plan."""
