"""Everything the app reads from its environment, read once. Each setting has its heading in docs/settings.md."""

import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

KEY_MIN_LENGTH = 16
MEGABYTE = 1024 * 1024
MAX_IMAGE_BYTES = 6 * MEGABYTE
URL_TIMEOUT_SECONDS = 20
GALLERY_MEMORY_MEGABYTES = 512
GALLERY_DISK_MEGABYTES = 2048
MOST_FACES_PER_PERSON = 4000  # their ids stand in one property of a table row, 64 KiB
SENSITIVE_ATTRIBUTES = ("age", "gender", "smile")
"""What may be served of that which Azure Face withdrew, by the contract's spelling."""
WITHOUT_MODEL = ("emotion", "facialHair", "hair", "makeup")
"""What is withdrawn and cannot be served."""
DEFAULT_CACHE_DIR = Path(tempfile.gettempdir())


class SettingsError(Exception):
    """A setting is missing or malformed. The text names the setting and what it takes, never its value."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many of what there may be: the contract's numbers (its S0 tier) unless a setting says otherwise."""

    face_lists: int = 64
    faces_per_face_list: int = 1_000
    large_face_lists: int = 1_000_000
    faces_per_large_face_list: int = 1_000_000
    person_groups: int = 1_000_000
    persons_per_person_group: int = 10_000
    persons_in_all_person_groups: int = 100_000_000
    large_person_groups: int = 1_000_000
    persons_per_large_person_group: int = 1_000_000
    persons_in_all_large_person_groups: int = 1_000_000_000
    faces_per_person: int = 248
    directory_persons: int = 75_000_000

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Limits":
        """Each from FACE_MAX_ and its name in capitals. Raises SettingsError."""
        defaults = cls()
        values = {}
        for name in cls.__slots__:
            high = MOST_FACES_PER_PERSON if name == "faces_per_person" else 1_000_000_000
            values[name] = _integer(environment, f"FACE_MAX_{name.upper()}", getattr(defaults, name), 1, high)
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Settings:
    """One process's configuration. Secrets are kept out of repr, so that no log or traceback can show them."""

    keys: tuple[str, ...] = field(repr=False)
    storage: str = field(repr=False)
    key_ring_file: Path
    models_dir: Path | None = None
    own_models_dir: Path | None = None
    recognition_models: Mapping[str, str] = field(default_factory=dict)
    model_threads: int = 0
    sensitive_attributes: frozenset[str] = frozenset()
    left_out_models: frozenset[str] = frozenset()
    max_image_bytes: int = MAX_IMAGE_BYTES
    url_timeout_seconds: int = URL_TIMEOUT_SECONDS
    url_allowed_hosts: frozenset[str] = frozenset()
    public_url: str = ""
    limits: Limits = Limits()
    gallery_memory_megabytes: int = GALLERY_MEMORY_MEGABYTES
    gallery_disk_megabytes: int = GALLERY_DISK_MEGABYTES
    cache_dir: Path = DEFAULT_CACHE_DIR
    pages: bool = False

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Raises SettingsError where a required setting is missing or a value is out of its range."""
        return cls(
            keys=_keys(environment),
            storage=_required(environment, "AzureWebJobsStorage"),
            key_ring_file=Path(_required(environment, "FACE_KEY_RING_FILE")),
            models_dir=folder(environment, "FACE_MODELS_DIR"),
            own_models_dir=folder(environment, "FACE_OWN_MODELS_DIR"),
            recognition_models=recognition_models(environment, "FACE_RECOGNITION_MODELS"),
            model_threads=_integer(environment, "FACE_MODEL_THREADS", 0, 0, 64),
            sensitive_attributes=sensitive_attributes(environment, "FACE_SENSITIVE_ATTRIBUTES"),
            left_out_models=words(environment, "FACE_LEFT_OUT_MODELS"),
            max_image_bytes=_integer(environment, "FACE_MAX_IMAGE_BYTES", MAX_IMAGE_BYTES, 1024, 64 * MEGABYTE),
            url_timeout_seconds=_integer(environment, "FACE_URL_TIMEOUT_SECONDS", URL_TIMEOUT_SECONDS, 1, 120),
            url_allowed_hosts=words(environment, "FACE_URL_ALLOWED_HOSTS"),
            public_url=_url(environment, "FACE_PUBLIC_URL"),
            limits=Limits.from_environment(environment),
            gallery_memory_megabytes=_integer(
                environment, "FACE_GALLERY_MEMORY_MB", GALLERY_MEMORY_MEGABYTES, 16, 1_000_000
            ),
            gallery_disk_megabytes=_integer(environment, "FACE_GALLERY_DISK_MB", GALLERY_DISK_MEGABYTES, 0, 1_000_000),
            cache_dir=Path(environment.get("FACE_CACHE_DIR") or DEFAULT_CACHE_DIR),
            pages=_switch(environment, "FACE_PAGES"),
        )


def _required(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "").strip()
    if not value:
        raise SettingsError(f"{name} is not set")
    return value


def _keys(environment: Mapping[str, str]) -> tuple[str, ...]:
    keys = tuple(key for name in ("FACE_KEY1", "FACE_KEY2") if (key := environment.get(name, "").strip()))
    if not keys:
        raise SettingsError("neither FACE_KEY1 nor FACE_KEY2 is set")
    if any(len(key) < KEY_MIN_LENGTH for key in keys):
        raise SettingsError(f"FACE_KEY1 and FACE_KEY2 take at least {KEY_MIN_LENGTH} characters")
    return keys


def _integer(environment: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = environment.get(name, "").strip()
    if not text:
        return default
    if not text.isdecimal() or not low <= int(text) <= high:
        raise SettingsError(f"{name} takes a whole number from {low} to {high}")
    return int(text)


def folder(environment: Mapping[str, str], name: str) -> Path | None:
    """None where the setting is empty."""
    text = environment.get(name, "").strip()
    return Path(text) if text else None


def recognition_models(environment: Mapping[str, str], name: str) -> dict[str, str]:
    """recognitionModel -> the recogniser behind it; whether there is such a one is for the models to say."""
    chosen: dict[str, str] = {}
    for entry in filter(None, map(str.strip, environment.get(name, "").split(","))):
        model, _, recogniser = map(str.strip, entry.partition("="))
        if not re.fullmatch("recognition_0[1-4]", model) or not recogniser or model in chosen:
            raise SettingsError(f"{name} takes recognition_04=RECOGNISER, and the like for _01 to _03, comma-separated")
        chosen[model] = recogniser
    return chosen


def _switch(environment: Mapping[str, str], name: str) -> bool:
    text = environment.get(name, "").strip().lower()
    if text not in {"", "true", "false"}:
        raise SettingsError(f"{name} takes true or false")
    return text == "true"


def _url(environment: Mapping[str, str], name: str) -> str:
    """Scheme and host, perhaps a path; without the last slash."""
    text = environment.get(name, "").strip().rstrip("/")
    parts = urlsplit(text)
    if text and (parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment):
        raise SettingsError(f"{name} takes an address such as https://face.example.com")
    return text


def words(environment: Mapping[str, str], name: str) -> frozenset[str]:
    """In small letters."""
    return frozenset(word.strip().lower() for word in environment.get(name, "").split(",") if word.strip())


def sensitive_attributes(environment: Mapping[str, str], name: str) -> frozenset[str]:
    """In the contract's spelling, whatever the setting's. Raises SettingsError."""
    spelled = {known.lower(): known for known in SENSITIVE_ATTRIBUTES}
    named = words(environment, name)
    if named & {known.lower() for known in WITHOUT_MODEL}:
        raise SettingsError(f"{name}: there is no model for {', '.join(WITHOUT_MODEL)}")
    if not named <= spelled.keys():
        raise SettingsError(f"{name} takes a comma-separated list of {', '.join(SENSITIVE_ATTRIBUTES)}")
    return frozenset(spelled[word] for word in named)
