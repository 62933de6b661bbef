"""Picture intake: bytes or a URL into a decoded picture, within the contract's limits."""

from collections.abc import Iterator
from contextlib import contextmanager

from shared.engine import Picture, decode
from shared.errors import InvalidImageSize
from shared.settings import Settings
from shared.turns import Turns
from shared.wire.download import Downloader
from shared.wire.objects import ImageUrl

MIN_IMAGE_BYTES = 1024


class ImageIntake:
    """Holds nothing: a picture lives as long as the call that brought it."""

    def __init__(self, settings: Settings, turns: Turns) -> None:
        self._turns = turns
        self._max_bytes = settings.max_image_bytes
        self._downloader = Downloader(
            settings.max_image_bytes, settings.url_timeout_seconds, settings.url_allowed_hosts
        )

    def take(self, data: bytes) -> Picture:
        """Within a turn. Raises InvalidImageSize; PictureError where it does not decode."""
        if len(data) < MIN_IMAGE_BYTES:
            raise InvalidImageSize("Image size is too small.")
        if len(data) > self._max_bytes:
            raise InvalidImageSize
        return decode(data)

    @contextmanager
    def taken(self, source: bytes | ImageUrl) -> Iterator[Picture]:
        """The picture, in a turn among the calls that look at one; none is spent on a slow download. Raises as `take`,
        and InvalidUrl, OperationTimeOut, ServiceUnavailable."""
        data = source if isinstance(source, bytes) else self._downloader.fetch(source.url)
        with self._turns.turn():
            yield self.take(data)
