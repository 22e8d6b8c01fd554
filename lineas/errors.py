"""The one exception of this package."""


class LineasError(Exception):
    """Something a person can put right: the message says what is wrong, echoes their words, and says what to do."""
