"""`python dev.py bench [--rounds N]`: prints the table of docs/benchmarks.md, measured now on this machine."""

import argparse
import tempfile
from pathlib import Path

from infra.local.azurite import Azurite
from shared.store.key_ring import create_key_ring
from tests.benchmarks import detect, photos
from tests.contract.process import service_process


def main() -> None:
    parser = argparse.ArgumentParser(prog="dev.py bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=10, help="turns of each contender on each photo")
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        ring = Path(folder) / "key_ring.json"
        create_key_ring(ring)
        with Azurite(Path(folder) / "azurite") as azurite, service_process(azurite.connection_string, ring) as service:
            print("Detect with faceId, medians in ms:\n")
            print("| photo | faces | HTTP | engine | floor | engine / floor | HTTP adds | OpenCV | engine / OpenCV |")
            print("|---|---|---|---|---|---|---|---|---|")
            for name, data in (("1080p", photos.photo_1080p()), ("12 MP", photos.photo_12_megapixels())):
                timing = detect.measure(data, service, rounds)
                print(
                    f"| {name}, {len(data) / photos.MEGABYTE:.1f} MB | {timing.faces} | {timing.http:.0f} "
                    f"| {timing.engine:.0f} | {timing.floor:.0f} | {timing.engine / timing.floor:.2f} "
                    f"| {timing.added:.0f} | {timing.opencv:.0f} | {timing.engine / timing.opencv:.2f} |"
                )


if __name__ == "__main__":
    main()
