"""What stops a local set-up or start."""


class LocalError(Exception):
    """Something on this machine is missing or in the way. The text is one line, and says what to do about it."""
