"""Evidence, trust and policy in; a report out. Pure, and total on hostile bytes."""
