"""python dev.py models publish | package: brings the models of this machine to where a deployment takes them from.

`publish` sends them to a Blob container, which FACE_MODELS_CONTAINER names to the service; `package` copies them into
`models/`, which goes up with the code. Both verify every file before and after.
"""

import argparse
import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from infra.azure_cli import AzureCli
from infra.models.listing import MEGABYTE, library, models
from shared import settings
from shared.engine.manifest import Model
from shared.store.models import ModelFiles
from shared.store.tables import StoreUnavailable

PACKAGED = Path(__file__).parents[2] / "models"
CONTAINER = "models"


class CannotPublish(Exception):
    """The models are not all here, or storage refuses them. The text says which."""


def declare(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("publish", help="send them to the Blob container that a deployment takes them from")
    parser.add_argument(
        "--account",
        type=_account,
        metavar="URL",
        help="https://NAME.blob.core.windows.net, as whoever has run `az login`; "
        "without it the account that AzureWebJobsStorage names",
    )
    parser.add_argument("--container", default=CONTAINER, help=f"default {CONTAINER}")
    parser.set_defaults(run=publish)
    parser = commands.add_parser("package", help=f"copy them to {PACKAGED.name}/, to go up with the code")
    parser.set_defaults(run=package)


def publish(options: argparse.Namespace) -> int:
    """Raises CannotPublish, ModelError, SettingsError."""
    if options.account:
        files = ModelFiles(f"BlobEndpoint={options.account}", options.container, AzureCli())
    else:
        files = ModelFiles(settings.storage(os.environ), options.container)
    try:
        for model, content in _wanted():
            stored = files.get(model.sha256, model.file)
            if not _is(stored, model):
                files.put(model.sha256, model.file, content)
                if not _is(files.get(model.sha256, model.file), model):
                    raise CannotPublish(f"{model.file} is not in the container as it was sent")
            _tell(model, "there already" if stored == content else "published")
    except StoreUnavailable as error:
        raise CannotPublish(f"storage does not take them: {error}") from None
    print(f"The service finds them with FACE_MODELS_CONTAINER={options.container}.")
    return 0


def package(options: argparse.Namespace) -> int:
    """Raises CannotPublish, ModelError, SettingsError."""
    del options
    PACKAGED.mkdir(exist_ok=True)
    for model, content in _wanted():
        (PACKAGED / model.file).write_bytes(content)
        _tell(model, "copied")
    print(f"{PACKAGED} goes up with the code; leave FACE_MODELS_CONTAINER empty.")
    return 0


def _wanted() -> Iterator[tuple[Model, bytes]]:
    """What this environment's settings need and what else is here, each verified. Raises CannotPublish where one that
    is needed is not. An owner's own models go with the code: their folder holds their calibration too."""
    found = library()
    listed = [one for one in models(found) if one.model.folder is None]
    if wanting := [one.model.file for one in listed if one.needed and one.path is None]:
        raise CannotPublish(f"models are missing here: {', '.join(wanting)}")
    for one in listed:
        if one.path is not None:
            yield one.model, found.content(one.model.name)


def _is(content: bytes | None, model: Model) -> bool:
    return content is not None and sha256(content).hexdigest() in model.pins


def _tell(model: Model, what: str) -> None:
    print(f"{what}: {model.file}, {model.bytes / MEGABYTE:.1f} MB, sha256 {model.sha256}", flush=True)


def _account(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme != "https" or not parts.netloc:
        raise argparse.ArgumentTypeError("an account looks like https://NAME.blob.core.windows.net")
    return text.rstrip("/")
