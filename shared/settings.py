"""Everything the app reads from its environment, read once. Each setting has its heading in docs/settings.md."""

import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

KEY_MIN_LENGTH = 16
MEGABYTE = 1024 * 1024
MAX_IMAGE_BYTES = 6 * MEGABYTE
URL_TIMEOUT_SECONDS = 20
GALLERY_MEMORY_MEGABYTES = 512
GALLERY_DISK_MEGABYTES = 2048
AUDIT_DAYS = 365
MOST_FACES_PER_PERSON = 4000  # their ids stand in one property of a table row, 64 KiB
SENSITIVE_ATTRIBUTES = ("age", "gender", "smile")
"""What may be served of that which Azure Face withdrew, by the contract's spelling."""
WITHOUT_MODEL = ("emotion", "facialHair", "hair", "makeup")
"""What is withdrawn and cannot be served."""
ENDPOINTS = {
    "BlobEndpoint": "AzureWebJobsStorage__blobServiceUri",
    "QueueEndpoint": "AzureWebJobsStorage__queueServiceUri",
    "TableEndpoint": "AzureWebJobsStorage__tableServiceUri",
}
"""The settings that take the place of AzureWebJobsStorage where an identity is used, as the Functions host has them."""
REFERENCE = "@Microsoft.KeyVault("
DEFAULT_CACHE_DIR = Path(tempfile.gettempdir())
USER, RECOGNIZER, DATA_PROTECTION = "FaceUser", "FaceRecognizer", "FaceDataProtection"
ROLES = (USER, RECOGNIZER, DATA_PROTECTION)
"""The built-in roles; what each allows is in shared/access/roles.py."""
FEATURES = ("identification", "verification", "liveness")
"""What needs the owner's approval (shared/access/features.py)."""
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
TOKEN_LIFETIME_SECONDS = 90_000  # managed identities get tokens for 24 hours, dated back by 5 minutes
MOST_PLACES = 1_000
WAITING_INFERENCES = 32
GUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LOOPBACK = ("127.0.0.1", "::1", "localhost")


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
class Entra:
    """Whose access tokens count: every one of these is compared with what a token says. `keys_url`: where the issuer's
    keys are. `assignments`: object id -> role, beside the roles that tokens name."""

    tenant: str
    audiences: frozenset[str]
    issuers: frozenset[str]
    keys_url: str
    algorithms: frozenset[str] = frozenset({"RS256"})
    lifetime_seconds: int = TOKEN_LIFETIME_SECONDS
    assignments: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Entra | None":
        """None without a tenant. Raises SettingsError."""
        tenant = environment.get("FACE_ENTRA_TENANT", "").strip().lower()
        if not tenant:
            set_for_nothing = [name for name in environment if name.startswith("FACE_ENTRA_") and environment[name]]
            if set_for_nothing:
                raise SettingsError(f"{', '.join(sorted(set_for_nothing))} without FACE_ENTRA_TENANT")
            return None
        if not GUID.fullmatch(tenant):
            raise SettingsError("FACE_ENTRA_TENANT takes the tenant's id, a GUID")
        _required(environment, "FACE_ENTRA_AUDIENCES")
        issuers = (f"https://login.microsoftonline.com/{tenant}/v2.0", f"https://sts.windows.net/{tenant}/")
        keys_url = f"https://login.microsoftonline.com/{tenant}/discovery/v2.0/keys"
        return cls(
            tenant=tenant,
            audiences=frozenset(_list(environment, "FACE_ENTRA_AUDIENCES")),
            issuers=frozenset(_list(environment, "FACE_ENTRA_ISSUERS") or issuers),
            keys_url=_secure(environment, "FACE_ENTRA_KEYS_URL") or keys_url,
            algorithms=frozenset(_chosen(environment, "FACE_ENTRA_ALGORITHMS", ALGORITHMS) or ("RS256",)),
            lifetime_seconds=_integer(
                environment, "FACE_ENTRA_TOKEN_LIFETIME_SECONDS", TOKEN_LIFETIME_SECONDS, 60, 7 * 86400
            ),
            assignments=_assignments(environment, "FACE_ENTRA_ASSIGNMENTS"),
        )


@dataclass(frozen=True, slots=True)
class Settings:
    """One process's configuration. Secrets are kept out of repr, so that no log or traceback can show them. `keys`,
    `recognizer_keys`: the first and the second, empty where there is none."""

    keys: tuple[str, ...] = field(repr=False)
    storage: str = field(repr=False)
    key_ring_file: Path | None
    key_ring_secret: str = ""
    client_id: str = ""
    models_dir: Path | None = None
    own_models_dir: Path | None = None
    models_container: str = ""
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
    recognizer_keys: tuple[str, ...] = field(default=(), repr=False)
    disable_local_auth: bool = False
    entra: Entra | None = None
    approved_features: frozenset[str] = frozenset()
    caller_rates: Mapping[str, float] = field(default_factory=dict)
    role_rates: Mapping[str, float] = field(default_factory=dict)
    inferences_at_once: int = 0
    inferences_waiting: int = WAITING_INFERENCES
    audit_matches: bool = True
    audit_days: int = AUDIT_DAYS

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Raises SettingsError where a required setting is missing or a value is out of its range."""
        _check_references(environment)
        entra = Entra.from_environment(environment)
        keys_disabled = _switch(environment, "FACE_DISABLE_LOCAL_AUTH")
        keys = _pair(environment, "FACE_KEY1", "FACE_KEY2")
        recognizer_keys = _pair(environment, "FACE_RECOGNIZER_KEY1", "FACE_RECOGNIZER_KEY2")
        _check_ways_in(keys, recognizer_keys, entra, keys_disabled)
        key_ring_file, key_ring_secret, client_id = key_ring(environment)
        return cls(
            keys=keys,
            storage=storage(environment),
            key_ring_file=key_ring_file,
            key_ring_secret=key_ring_secret,
            client_id=client_id,
            models_dir=folder(environment, "FACE_MODELS_DIR"),
            own_models_dir=folder(environment, "FACE_OWN_MODELS_DIR"),
            models_container=_container(environment, "FACE_MODELS_CONTAINER"),
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
            recognizer_keys=recognizer_keys,
            disable_local_auth=keys_disabled,
            entra=entra,
            approved_features=frozenset(_chosen(environment, "FACE_APPROVED_FEATURES", FEATURES)),
            caller_rates=_rates(environment, "FACE_RATE_PER_CALLER"),
            role_rates=_rates(environment, "FACE_RATE_PER_ROLE"),
            inferences_at_once=_integer(environment, "FACE_INFERENCES_AT_ONCE", 0, 0, MOST_PLACES),
            inferences_waiting=_integer(environment, "FACE_INFERENCES_WAITING", WAITING_INFERENCES, 0, MOST_PLACES),
            audit_matches=_switch(environment, "FACE_AUDIT_MATCHES", "true"),
            audit_days=_integer(environment, "FACE_AUDIT_DAYS", AUDIT_DAYS, 1, 3650),
        )


def _check_references(environment: Mapping[str, str]) -> None:
    """The platform leaves a reference to a secret as it is where it cannot read the secret: a key would then be what
    anybody can guess. Raises SettingsError."""
    for name, value in environment.items():
        if name.startswith("FACE_") and value.strip().startswith(REFERENCE):
            raise SettingsError(f"{name} refers to a secret that is not there or may not be read")


def _required(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "").strip()
    if not value:
        raise SettingsError(f"{name} is not set")
    return value


def storage(environment: Mapping[str, str]) -> str:
    """The storage account's connection string; one without a key where an identity reaches it. Raises SettingsError."""
    if all(environment.get(name, "").strip() for name in ENDPOINTS.values()):
        parts = {kind: environment[name] for kind, name in ENDPOINTS.items()}
        parts["ClientId"] = _client_id(environment)
        return ";".join(f"{kind}={value.strip()}" for kind, value in parts.items() if value.strip())
    return _required(environment, "AzureWebJobsStorage")


def key_ring(environment: Mapping[str, str]) -> tuple[Path | None, str, str]:
    """A file; or else the address of a secret, and the client id of who reads it. Raises SettingsError."""
    file, secret = environment.get("FACE_KEY_RING_FILE", "").strip(), _secure(environment, "FACE_KEY_RING_SECRET")
    if bool(file) == bool(secret):
        raise SettingsError("one of FACE_KEY_RING_FILE and FACE_KEY_RING_SECRET has to be set, and not both")
    if secret and not re.fullmatch("/secrets/[0-9A-Za-z-]{1,127}", urlsplit(secret).path):
        takes = "the address of a secret, without a version: https://NAME.vault.azure.net/secrets/ownface-key-ring"
        raise SettingsError(f"FACE_KEY_RING_SECRET takes {takes}")
    return (Path(file) if file else None), secret, _client_id(environment)


def _client_id(environment: Mapping[str, str]) -> str:
    """Of the managed identity that the app is to Azure; empty: its own."""
    return environment.get("AzureWebJobsStorage__clientId", "").strip()


def _pair(environment: Mapping[str, str], *names: str) -> tuple[str, ...]:
    keys = tuple(environment.get(name, "").strip() for name in names)
    if any(0 < len(key) < KEY_MIN_LENGTH for key in keys):
        raise SettingsError(f"{' and '.join(names)} take at least {KEY_MIN_LENGTH} characters")
    return keys


def _check_ways_in(keys: tuple[str, ...], recognizers: tuple[str, ...], entra: Entra | None, disabled: bool) -> None:
    """Somebody can call, and no key stands for two roles."""
    if disabled and entra is None:
        raise SettingsError("FACE_DISABLE_LOCAL_AUTH leaves nobody who may call: FACE_ENTRA_TENANT is not set")
    if entra is None and not any(keys + recognizers):
        raise SettingsError("neither FACE_KEY1 nor FACE_KEY2 is set, nor FACE_ENTRA_TENANT")
    if set(filter(None, keys)) & set(recognizers):
        raise SettingsError("a key of FACE_RECOGNIZER_KEY1 and FACE_RECOGNIZER_KEY2 is one of FACE_KEY1 and FACE_KEY2")


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


def _container(environment: Mapping[str, str], name: str) -> str:
    """Of Blob storage. Empty where the setting is."""
    text = environment.get(name, "").strip()
    if text and not re.fullmatch("(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", text):
        raise SettingsError(f"{name} takes the name of a Blob container: 3 to 63 of a-z, 0-9 and -")
    return text


def recognition_models(environment: Mapping[str, str], name: str) -> dict[str, str]:
    """recognitionModel -> the recogniser behind it; whether there is such a one is for the models to say."""
    chosen: dict[str, str] = {}
    for entry in filter(None, map(str.strip, environment.get(name, "").split(","))):
        model, _, recogniser = map(str.strip, entry.partition("="))
        if not re.fullmatch("recognition_0[1-4]", model) or not recogniser or model in chosen:
            raise SettingsError(f"{name} takes recognition_04=RECOGNISER, and the like for _01 to _03, comma-separated")
        chosen[model] = recogniser
    return chosen


def _switch(environment: Mapping[str, str], name: str, default: str = "false") -> bool:
    text = environment.get(name, "").strip().lower() or default
    if text not in {"true", "false"}:
        raise SettingsError(f"{name} takes true or false")
    return text == "true"


def _url(environment: Mapping[str, str], name: str) -> str:
    """Scheme and host, perhaps a path; without the last slash."""
    text = environment.get(name, "").strip().rstrip("/")
    try:
        parts = urlsplit(text)
        fits = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:  # brackets or a port that cannot be
        fits = False
    if text and (not fits or parts.query or parts.fragment):
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


def _list(environment: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Comma-separated, as written."""
    return tuple(filter(None, map(str.strip, environment.get(name, "").split(","))))


def _chosen(environment: Mapping[str, str], name: str, choices: tuple[str, ...]) -> tuple[str, ...]:
    """Comma-separated, of a few. Raises SettingsError."""
    found = _list(environment, name)
    if not set(found) <= set(choices):
        raise SettingsError(f"{name} takes a comma-separated list of {', '.join(choices)}")
    return found


def _secure(environment: Mapping[str, str], name: str) -> str:
    """An address over TLS; without it only on this machine."""
    text = _url(environment, name)
    if text.startswith("http://") and urlsplit(text).hostname not in LOOPBACK:
        raise SettingsError(f"{name} takes an https address")
    return text


def _pairs(environment: Mapping[str, str], name: str, takes: str) -> Iterator[tuple[str, str]]:
    """Of a comma-separated list of NAME=VALUE, each name once. Raises SettingsError, which says what it `takes`."""
    seen = set()
    for entry in _list(environment, name):
        left, _, right = map(str.strip, entry.partition("="))
        if left.lower() in seen or not right:
            raise SettingsError(f"{name} takes {takes}, comma-separated")
        seen.add(left.lower())
        yield left, right


def _assignments(environment: Mapping[str, str], name: str) -> dict[str, str]:
    """Object id -> role."""
    takes = f"OBJECT-ID=ROLE, of the roles {', '.join(ROLES)}"
    found = {identity.lower(): role for identity, role in _pairs(environment, name, takes)}
    if not all(GUID.fullmatch(identity) and role in ROLES for identity, role in found.items()):
        raise SettingsError(f"{name} takes {takes}, comma-separated")
    return found


def _rates(environment: Mapping[str, str], name: str) -> dict[str, float]:
    """Role -> calls a second."""
    takes = f"ROLE=CALLS-A-SECOND, from 0.01 to 100000, of the roles {', '.join(ROLES)}"
    found = dict(_pairs(environment, name, takes))
    if not all(role in ROLES and re.fullmatch(r"\d{1,6}(\.\d{1,3})?", rate) for role, rate in found.items()):
        raise SettingsError(f"{name} takes {takes}, comma-separated")
    rates = {role: float(rate) for role, rate in found.items()}
    if not all(0.01 <= rate <= 100_000 for rate in rates.values()):
        raise SettingsError(f"{name} takes {takes}, comma-separated")
    return rates
