"""python -m infra.local [--port N] [--host ADDRESS]: the whole service on this machine, until Ctrl-C."""

import argparse
import logging
import os
import signal
import sys
from types import FrameType

from infra.local.errors import LocalError
from infra.local.service import serve

DEFAULT_PORT = 7071


def main() -> int:
    parser = argparse.ArgumentParser(prog="python dev.py run", description="Run Ownface on this machine.")
    parser.add_argument("--port", type=_port, default=DEFAULT_PORT, help=f"default {DEFAULT_PORT}")
    parser.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="default 127.0.0.1, this machine only")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("azure").setLevel(logging.WARNING)  # every storage call
    for number in (signal.SIGINT, signal.SIGTERM):  # SIGINT too: a shell starts background jobs with it ignored
        signal.signal(number, _interrupt)
    try:
        serve(options.host, options.port)
    except KeyboardInterrupt:
        return 0
    except LocalError as error:
        print(f"ownface: {error}", file=sys.stderr)
        return 1
    return 0


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65_535:
        raise argparse.ArgumentTypeError(f"a port is a number from 1 to 65535, not {text}")
    return int(text)


def _interrupt(_: int, __: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    code = main()
    logging.shutdown()
    sys.stdout.flush()
    os._exit(code)  # a function that is still running has had its grace, and must not hold the process
