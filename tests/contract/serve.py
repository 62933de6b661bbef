"""The service as a process of its own, configured by its environment: for tests that measure or kill one.

Prints its URL, then serves until its standard input ends. `triggers` as an argument: its timers and queue functions
run too. `talkative`: whatever anybody in it logs goes to standard error, and which files are opened to be written.
"""

import logging
import os
import sys
from typing import Any

from function_app import app
from infra.local.host import LocalHost

WRITTEN = "opened to be written:"


def tell_of_files(event: str, arguments: Any) -> None:
    if event == "open" and (arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        logging.getLogger("tests").info("%s %s", WRITTEN, arguments[0])


if __name__ == "__main__":
    if "talkative" in sys.argv:
        logging.basicConfig(level=logging.NOTSET)
        sys.addaudithook(tell_of_files)
    with LocalHost(app, port=0, triggers="triggers" in sys.argv) as host:
        print(host.url, flush=True)
        sys.stdin.read()
