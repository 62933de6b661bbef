"""The service as a process of its own whose queue and timer functions run: training goes its real way.

Prints its URL, then serves until its standard input ends."""

import sys

from function_app import app
from infra.local.host import LocalHost

if __name__ == "__main__":
    with LocalHost(app, port=0) as host:
        print(host.url, flush=True)
        sys.stdin.read()
