"""python dev.py models COMMAND: what there is to say and to do about the models of this installation."""

import argparse
import logging
import sys

from infra.convert import ConversionError
from infra.models import calibrate, fetch, listing, publish, quantise, readouts
from infra.models.errors import FetchError
from shared.engine import ModelError
from shared.settings import SettingsError

REFUSALS = (
    ModelError,
    SettingsError,
    ConversionError,
    FetchError,
    calibrate.CannotCalibrate,
    publish.CannotPublish,
    quantise.CannotQuantise,
)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python dev.py models", description="The models of this installation.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    listing.declare(commands)
    fetch.declare(commands)
    calibrate.declare(commands)
    quantise.declare(commands)
    readouts.declare(commands)
    publish.declare(commands)
    options = parser.parse_args(arguments or ["list"])
    try:
        return int(options.run(options))
    except REFUSALS as error:
        print(f"models: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    sys.exit(main(sys.argv[1:]))
