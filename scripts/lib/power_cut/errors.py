"""What can come of a power cut, and of trying."""


class NotSurvived(Exception):
    """A power cut cost something; ``loss`` says in a few words what kind of thing, ``str()`` says what exactly."""

    def __init__(self, loss: str, sentence: str) -> None:
        super().__init__(sentence)
        self.loss = loss


class Failed(Exception):
    """It could not be tried: a part is missing, or the machine did not do what it was meant to do."""
