"""python dev.py COMMAND: sets up what it needs, then runs it. Standard library only.

    run [--port N] [--host ADDRESS]     the service on this machine, with Azurite as its storage
    test [--all] [pytest arguments]     the tests; --all runs the ones marked slow too
    check                               ruff, ruff format and mypy
    bench [arguments]                   the benchmarks
    models COMMAND                      what there is to say and to do about the models; -h lists it
    audit COMMAND                       checks the audit trail, storage, or a receipt; -h lists it
    secrets make --vault NAME           the keys of a deployment, in its Key Vault
    keys COMMAND                        the key ring, in a file or in a Key Vault; -h lists it
    smoke --endpoint URL                tries a deployment, and prints what passed

The exit code is that of the command, or 1 where the set-up fails.
"""
# This file loads on any Python 3, so that an unsupported one gets its line and not a syntax error.

import os
import sys

SUPPORTED = ((3, 11), (3, 12), (3, 13))
COMMANDS = ("run", "test", "check", "bench", "models", "audit", "secrets", "keys", "smoke")


def main(arguments: "list[str]") -> int:
    if sys.version_info[:2] not in SUPPORTED:
        return refuse("it needs Python 3.11, 3.12 or 3.13; this is {}.{}".format(*sys.version_info[:2]))
    if not arguments or arguments[0] not in COMMANDS:
        print(__doc__)
        if arguments and not arguments[0].startswith("-"):
            refuse("there is no command " + arguments[0])
        return 0 if arguments[:1] in (["-h"], ["--help"]) else 2
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 - any Python 3
    from infra.local import commands
    from infra.local.errors import LocalError

    try:
        return commands.run(arguments[0], arguments[1:])
    except LocalError as error:
        return refuse(str(error))
    except KeyboardInterrupt:
        return refuse("interrupted; the next start goes on from here")


def refuse(reason: str) -> int:
    print("dev.py: " + reason, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
