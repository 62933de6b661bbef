"""What fetching models can fail with.

FetchError
├── Unreachable      no connection: offline, a proxy in between, a certificate that is not trusted
├── NotThere         the server answers, and has no such file
├── Interrupted      the connection ended, or nothing came any more
├── TooSlow          so little comes that it would take for ever
├── WrongContent     what came is not the file that is pinned
├── CannotStore      the disk is full, or the folder is not to be written
├── NotReproduced    what was made of it is not what the manifest pins, or does not answer as recorded
└── Unavailable      none of the addresses gave the file; says of each why
"""


class FetchError(Exception):
    """A model could not be fetched, or made of what was fetched. The text is one line; nothing bad was stored."""


class Unreachable(FetchError):
    """No connection."""


class NotThere(FetchError):
    """The server answers, and has no such file."""


class Interrupted(FetchError):
    """The connection ended, or nothing came any more. What came is kept, and gone on from."""


class TooSlow(FetchError):
    """So little comes that it would take for ever."""


class WrongContent(FetchError):
    """What came is not the file that is pinned. It was deleted."""


class CannotStore(FetchError):
    """The disk is full, or the folder is not to be written."""


class NotReproduced(FetchError):
    """What was made is not what the manifest pins, or does not answer as recorded."""


class Unavailable(FetchError):
    """None of the addresses gave the file."""
