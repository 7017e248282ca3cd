"""What the acts of people on the watch's pages have in common when they cannot be done."""


class RefusedError(ValueError):
    """It was not done; the text names why, for programs, and pages say it in words."""
