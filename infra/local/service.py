"""Puts the local service together: storage, keys, models and the host, in the order that fails earliest."""

import importlib
import os
import signal
import time
from contextlib import ExitStack
from pathlib import Path

import azure.functions as func

from infra.local import keys
from infra.local.azurite import DATA, ROOT, STANDARD_PORTS, Azurite
from infra.local.commands import STORAGE_SETTING, own_storage
from infra.local.errors import LocalError
from infra.local.host import LocalHost, listen
from infra.local.ports import are_free, free_ports

STATE = ROOT / ".local"
CHECK_SECONDS = 0.2


def serve(address: str, port: int) -> None:
    """Until KeyboardInterrupt. Raises LocalError where something is missing, in the way, or dies."""
    listen(address, port).close()
    _fetch_models()
    with ExitStack() as stack:
        azurite = None if own_storage() else _start_azurite(stack)
        values = _settings(azurite)
        os.environ.update(values)
        _check_settings()
        keys.write_local_settings(ROOT / "local.settings.json", values)
        app = load_app()
        if azurite is not None:
            azurite.wait()
        _check_readiness()
        host = LocalHost(app, port, address=address)
        stack.callback(host.stop)
        host.start()
        print(welcome(host.url, values["FACE_KEY1"], values["FACE_PAGES"] == "true"), flush=True)
        stack.callback(_ignore_signals)
        _watch(host, azurite)


def load_app() -> func.FunctionApp:
    """The FunctionApp of the checkout's function_app.py."""
    app = importlib.import_module("function_app").app
    assert isinstance(app, func.FunctionApp)  # noqa: S101
    return app


def welcome(url: str, key: str, pages: bool) -> str:
    call = f'curl "{url}/face/v1.2/detect?returnFaceId=true&returnFaceLandmarks=true"'
    headers = f'-H "Ocp-Apim-Subscription-Key: {key}" -H "Content-Type: application/octet-stream"'
    return (
        f"\nOwnface is up. Ctrl-C stops it.\n\n  endpoint  {url}\n  key       {key}\n"
        f"  try       {call} {headers} --data-binary @photo.jpg\n" + (f"  page      {url}/liveness\n" if pages else "")
    )


def _start_azurite(stack: ExitStack) -> Azurite:
    chosen = STANDARD_PORTS if are_free(STANDARD_PORTS) else free_ports(3)
    azurite = Azurite(DATA, chosen)
    stack.callback(azurite.stop)
    azurite.start()
    return azurite


def _settings(azurite: Azurite | None) -> dict[str, str]:
    """The app's settings, which local.settings.json gets too so that `func start` works on the same tree."""
    from shared.settings import FEATURES
    from shared.store.key_ring import create_key_ring

    storage = azurite.connection_string if azurite else os.environ[STORAGE_SETTING]
    ring = os.environ.get("FACE_KEY_RING_FILE", "")
    if not ring and not os.environ.get("FACE_KEY_RING_SECRET"):
        ring = str(STATE / "key_ring.json")
        create_key_ring(Path(ring))
    return {
        "FACE_PAGES": "true",
        "FACE_APPROVED_FEATURES": ",".join(FEATURES),
        **{name: value for name, value in os.environ.items() if name.startswith("FACE_")},
        STORAGE_SETTING: storage,
        "FACE_KEY_RING_FILE": ring,
        **keys.keys(os.environ, STATE / "keys.json"),
    }


def _fetch_models() -> None:
    """Those that are needed and missing, into the checkout's cache. An owner's FACE_MODELS_DIR is left alone."""
    from infra.convert import ConversionError
    from infra.models import fetch
    from infra.models.errors import FetchError
    from shared.engine import ModelError
    from shared.settings import SettingsError

    try:
        if not os.environ.get("FACE_MODELS_DIR") and fetch.missing():
            fetch.fetch()
    except (ModelError, SettingsError, ConversionError, FetchError) as error:
        raise LocalError(str(error)) from None


def _check_settings() -> None:
    """The models, and everything else that the first request would stumble over."""
    from shared.engine import ModelError
    from shared.services import current
    from shared.settings import SettingsError
    from shared.store.key_ring import KeyRingError

    try:
        current()
    except (ModelError, SettingsError, KeyRingError) as error:
        raise LocalError(str(error)) from None


def _check_readiness() -> None:
    """Storage answers and every model loads: what `/readyz` tells, before anybody is told that the service is up."""
    from shared.engine import ModelError
    from shared.services import current
    from shared.store.tables import StoreUnavailable

    try:
        current().readiness.check()
    except ModelError as error:
        raise LocalError(str(error)) from None
    except StoreUnavailable as error:
        raise LocalError(f"the storage that {STORAGE_SETTING} names does not answer: {error}") from None


def _watch(host: LocalHost, azurite: Azurite | None) -> None:
    while True:
        host.check()
        if azurite is not None:
            azurite.check()
        time.sleep(CHECK_SECONDS)


def _ignore_signals() -> None:
    """Runs first when the service stops: a second Ctrl-C must not keep Azurite from saving."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
