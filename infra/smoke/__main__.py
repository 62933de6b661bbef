"""python dev.py smoke --endpoint URL: tries a deployment as its callers will use it, and prints what passed.

The key is read from FACE_KEY1, or an Entra ID access token from FACE_TOKEN, so that neither stands in a list of
processes. It takes a little over a minute, most of it waiting for a faceId to expire, and leaves nothing behind.
The exit code is 0 where every check passed, 1 where one did not, and 2 where it could not be tried at all.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from infra.smoke.checks import CHECKS, tidy
from infra.smoke.client import Client, Unreachable
from infra.smoke.pictures import DEFAULT, Pictures, PicturesMissing
from infra.smoke.scene import Broken, Scene


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    headers = credentials(os.environ)
    if headers is None:
        print("smoke: set FACE_KEY1 to a key of the service, or FACE_TOKEN to an access token", file=sys.stderr)
        return 2
    try:
        pictures = Pictures.read(tuple(options.pictures))
    except PicturesMissing as error:
        print(f"smoke: {error}", file=sys.stderr)
        return 2
    failed = attempt(Scene(Client(options.endpoint, headers), pictures), frozenset(options.skip))
    return 1 if failed else 0


def attempt(scene: Scene, skipped: Collection[str] = (), say: Callable[[str], None] = print) -> list[str]:
    """Makes every check, whatever the ones before it saw, and says how each went. The names of those that failed."""
    failed = []
    for name, check in CHECKS.items():
        if name in skipped:
            say(f"skipped  {name}")
            continue
        started = time.monotonic()
        try:
            say(f"passed   {name}: {check(scene)} ({time.monotonic() - started:.1f} s)")
        except (Broken, Unreachable) as error:
            say(f"FAILED   {name}: {error}")
            failed.append(name)
        except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:  # an answer of another shape
            say(f"FAILED   {name}: the answer is not what the contract says ({type(error).__name__})")
            failed.append(name)
    failed += _tidied(scene, say)
    passed = len(CHECKS) - len(failed) - len(skipped)
    say(f"{passed} passed, {len(failed)} failed" + (f": {', '.join(failed)}" if failed else ""))
    return failed


def _tidied(scene: Scene, say: Callable[[str], None]) -> list[str]:
    try:
        left = list(tidy(scene))
    except Unreachable as error:
        left = [f"the group {scene.group} may be left: {error}"]
    for line in left:
        say(f"FAILED   tidy: {line}")
    return ["tidy"] * bool(left)


def credentials(environment: Mapping[str, str]) -> dict[str, str] | None:
    """The headers that authorise; None where nothing does."""
    if token := environment.get("FACE_TOKEN", "").strip():
        return {"Authorization": f"Bearer {token}"}
    if key := environment.get("FACE_KEY1", "").strip():
        return {"Ocp-Apim-Subscription-Key": key}
    return None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python dev.py smoke", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--endpoint", type=_endpoint, required=True, metavar="URL", help="https://NAME.azurewebsites.net"
    )
    parser.add_argument(
        "--pictures",
        nargs=3,
        type=Path,
        default=DEFAULT,
        metavar=("PERSON", "AGAIN", "OTHER"),
        help="two pictures of one person and one of another, one face in each",
    )
    parser.add_argument(
        "--skip", action="append", default=[], choices=CHECKS, help="a check not to make; may be repeated"
    )
    return parser


def _endpoint(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise argparse.ArgumentTypeError("an endpoint looks like https://NAME.azurewebsites.net")
    return text.rstrip("/")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
