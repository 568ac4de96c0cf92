"""What a run ends with that found something."""


class NotSurvived(Exception):
    """A cut or a kill cost something."""


class Failed(Exception):
    """What was to be cut off failed by itself."""
