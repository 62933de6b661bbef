"""The parts of one process, put together once: what a handler reaches through its call."""

import threading
from dataclasses import dataclass

from shared.clock import Clock, system_clock
from shared.engine import Engine, ModelLibrary
from shared.people.retention import Retention
from shared.people.transient_faces import TransientFaces
from shared.readiness import Readiness
from shared.settings import Settings, SettingsError
from shared.store.cipher import Cipher
from shared.store.expiries import Expiries
from shared.store.face_ids import KIND as FACE_IDS
from shared.store.face_ids import FaceIds
from shared.store.key_ring import KeyRing
from shared.store.tables import Tables
from shared.wire.images import ImageIntake


@dataclass(frozen=True, slots=True)
class Services:
    settings: Settings
    readiness: Readiness
    engine: Engine
    images: ImageIntake
    transient_faces: TransientFaces
    retention: Retention

    @classmethod
    def build(cls, settings: Settings, clock: Clock = system_clock) -> "Services":
        """Reads the key ring and finds the models; connects to nothing yet.

        Raises SettingsError, KeyRingError, ModelError."""
        tables = _tables(settings)
        expiries = Expiries(tables)
        face_ids = FaceIds(tables, expiries, Cipher(KeyRing.load(settings.key_ring_file)), clock)
        engine = Engine(ModelLibrary.find(settings.models_dir), settings.model_threads)
        return cls(
            settings=settings,
            readiness=Readiness(tables, engine),
            engine=engine,
            images=ImageIntake(settings),
            transient_faces=TransientFaces(engine, face_ids),
            retention=Retention(expiries, {FACE_IDS: face_ids.erase}, clock),
        )


def _tables(settings: Settings) -> Tables:
    try:
        return Tables(settings.storage)
    except ValueError:
        raise SettingsError("AzureWebJobsStorage is not a connection string of a storage account") from None


_lock = threading.Lock()
_current: Services | None = None


def current() -> Services:
    """This process's services, built from the environment by the first call that needs them."""
    global _current
    with _lock:
        if _current is None:
            _current = Services.build(Settings.from_environment())
        return _current


def use(services: Services | None) -> None:
    """Replace them, or with None have them built anew: for tests and for tools that bring their own clock."""
    global _current
    with _lock:
        _current = services
