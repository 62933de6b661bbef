"""Published files: which ones a model is made from, and where each can be had."""

from dataclasses import dataclass
from urllib.parse import quote

from shared.engine.manifest import FORMATS, Model, Source


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """One file under one or several addresses. `bytes`: 0 where the manifest does not say."""

    name: str
    suffix: str
    sha256: str
    bytes: int
    addresses: tuple[str, ...]


def files(model: Model, mirror: str | None = None) -> list[PublishedFile]:
    """What has to be fetched for that model. `mirror`: a server that has all of them, and the only one to be asked."""
    wanted: dict[str, list[Source]] = {}
    suffixes = FORMATS[model.conversion.source_format] if model.conversion else ()
    for source in model.sources:
        if source.url.endswith(suffixes) if model.conversion else source.sha256 == model.sha256:
            wanted.setdefault(source.sha256, []).append(source)
    return [_file(sources, mirror) for sources in wanted.values()]


def _file(sources: list[Source], mirror: str | None) -> PublishedFile:
    first = sources[0]
    name = first.url.rpartition("/")[2]
    places = [address for source in sources for address in _addresses(source)]
    if mirror:
        places = [f"{mirror.rstrip('/')}/{address.removeprefix('https://')}" for address in places]
    return PublishedFile(name, f".{name.rpartition('.')[2]}", first.sha256, first.bytes, tuple(dict.fromkeys(places)))


def _addresses(source: Source) -> list[str]:
    """GitHub's own, then a public mirror of what stands there."""
    if not source.repository:
        return [source.url]
    return [source.url, f"https://cdn.jsdelivr.net/gh/{source.repository}@{source.commit}/{quote(source.path)}"]
