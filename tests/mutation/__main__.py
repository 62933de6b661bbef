"""python -m tests.mutation [GROUP ...]: how many mutants of the guards the quick tests find (docs/mutation.md).

    pip install --target .local/mutation --no-deps -r tests/mutation/requirements.txt
    PYTHONPATH=.local/mutation python -m tests.mutation authentication

Each mutant that survives is printed with its name; `--mutant NAME` tries that one again. Those in equivalents.json do
what the original does, for the reason given there. It needs Linux or macOS, and what `dev.py test` installs."""

import argparse
import json
import multiprocessing
import random
import sys
import tempfile
from collections import Counter
from functools import partial
from pathlib import Path

from tests.mutation import fork
from tests.mutation.mutants import Mutant, mutants
from tests.mutation.targets import GROUPS, Target
from tests.mutation.worker import Worker

EQUIVALENTS = Path(__file__).with_name("equivalents.json")
WORKERS = 2
EQUIVALENT = "equivalent"


def main() -> int:
    arguments = _parser().parse_args()
    fork.prepare()
    groups = arguments.groups or list(GROUPS)
    chosen = [target for group in groups for target in GROUPS[group] if arguments.module in target.path]
    total: Counter[str] = Counter()
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        multiprocessing.get_context("fork").Pool(WORKERS, Worker.start, [Path(folder)]) as pool,
    ):
        for target, made, tried, found in pool.imap(partial(_tried, arguments), chosen):
            if tried and not found:
                sys.exit(f"{target.path}: its tests fail as it is")
            total += _told(target, made, tried, found)
    print(f"| all | | {_counts(total)} |")
    return 0


def _tried(arguments: argparse.Namespace, target: Target) -> tuple[Target, int, list[Mutant], dict[str, str]]:
    """How many mutants a module has, those that were tried, and what came of each."""
    every = mutants(target.path, target.only)
    tried = [one for one in every if not arguments.mutant or one.name in arguments.mutant]
    if arguments.sample and len(tried) > arguments.sample:
        tried = random.Random(arguments.seed).sample(tried, arguments.sample)  # noqa: S311 a draw, no secret
    return target, len(every), tried, Worker.outcomes(target, tried) if tried else {}


def _told(target: Target, made: int, tried: list[Mutant], found: dict[str, str]) -> Counter[str]:
    """Prints each that survived, and a row of the table."""
    equivalents = json.loads(EQUIVALENTS.read_text(encoding="utf-8"))
    count: Counter[str] = Counter()
    for mutant in tried:
        outcome = found[mutant.name]
        if outcome == fork.SURVIVED:
            outcome = EQUIVALENT if mutant.name in equivalents else outcome
            print(f"{outcome} {mutant.name} {mutant.path}:{mutant.line}\n  - {mutant.removed}\n  + {mutant.added}")
        count[outcome] += 1
    if tried:
        print(f"| `{target.path}` | {made} | {_counts(count)} |", flush=True)
    return count


def _counts(count: Counter[str]) -> str:
    killed, tried = count[fork.KILLED] + count[fork.LATE], sum(count.values())
    shares = [f"{killed / of:.1%}" if of else "" for of in (tried, tried - count[EQUIVALENT])]
    return " | ".join(map(str, (tried, killed, count[fork.LATE], count[EQUIVALENT], count[fork.SURVIVED], *shares)))


def _parser() -> argparse.ArgumentParser:
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__, formatter_class=formatter)
    parser.add_argument("groups", nargs="*", metavar="GROUP", choices=[*GROUPS, []], help=", ".join(GROUPS))
    parser.add_argument("--module", default="", help="only those whose path has this in it")
    parser.add_argument("--mutant", action="append", metavar="NAME", help="only this one; may be given again")
    parser.add_argument("--sample", type=int, help="of a module that has more, so many, drawn with the seed")
    parser.add_argument("--seed", type=int, default=1)
    return parser


if __name__ == "__main__":
    sys.exit(main())
