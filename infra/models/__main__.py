"""python dev.py models COMMAND: what there is to say and to do about the models of this installation."""

import argparse
import logging
import sys

from infra.models import calibrate
from shared.engine import ModelError


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python dev.py models", description="The models of this installation.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    calibrate.declare(commands)
    options = parser.parse_args(arguments)
    try:
        return int(options.run(options))
    except (ModelError, calibrate.CannotCalibrate) as error:
        print(f"models: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    sys.exit(main(sys.argv[1:]))
