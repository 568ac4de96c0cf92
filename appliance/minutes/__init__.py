"""What was: the list of a meeting, its figures and words, members' years and the chi bộ's."""
