"""The service as a process of its own, configured by its environment: for tests that measure or kill one.

Prints its URL, then serves until its standard input ends. `triggers` as an argument: its timers and queue functions
run too."""

import sys

from function_app import app
from infra.local.host import LocalHost

if __name__ == "__main__":
    with LocalHost(app, port=0, triggers="triggers" in sys.argv) as host:
        print(host.url, flush=True)
        sys.stdin.read()
