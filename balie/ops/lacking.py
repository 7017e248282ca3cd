"""What is raised when something was never made, or set."""


class NotSetUpError(Exception):
    """A probe cannot look; the text says what is to be done. It tells nothing of what was to be looked at."""
