"""What the local host honours of host.json, with the Functions host's defaults."""

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

HOST_JSON = Path(__file__).parent.parent.parent / "host.json"


@dataclass(frozen=True, slots=True)
class QueueSettings:
    batch_size: int = 16
    max_dequeue_count: int = 5
    max_polling_interval: timedelta = timedelta(minutes=1)
    visibility_timeout: timedelta = timedelta()  # how long a failed message waits before its next try
    base64: bool = True


@dataclass(frozen=True, slots=True)
class HostSettings:
    route_prefix: str = "api"
    function_timeout: timedelta = timedelta(minutes=30)
    queues: QueueSettings = QueueSettings()

    @classmethod
    def load(cls, path: Path = HOST_JSON) -> Self:
        """Raises OSError, ValueError where the file is missing or is not a host.json."""
        document = json.loads(path.read_text(encoding="utf-8"))
        extensions = document.get("extensions", {})
        return cls(
            route_prefix=extensions.get("http", {}).get("routePrefix", cls().route_prefix),
            function_timeout=_span(document, "functionTimeout", cls().function_timeout),
            queues=_queues(extensions.get("queues", {})),
        )


def _queues(section: dict[str, Any]) -> QueueSettings:
    default = QueueSettings()
    return QueueSettings(
        batch_size=section.get("batchSize", default.batch_size),
        max_dequeue_count=section.get("maxDequeueCount", default.max_dequeue_count),
        max_polling_interval=_span(section, "maxPollingInterval", default.max_polling_interval),
        visibility_timeout=_span(section, "visibilityTimeout", default.visibility_timeout),
        base64=section.get("messageEncoding", "base64").lower() == "base64",
    )


def _span(section: dict[str, Any], name: str, default: timedelta) -> timedelta:
    """A time span as host.json writes it, hh:mm:ss."""
    if name not in section:
        return default
    hours, minutes, seconds = (float(part) for part in section[name].split(":"))
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)
