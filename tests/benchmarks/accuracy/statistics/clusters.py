"""Whether faces were put together that belong together."""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import comb


@dataclass(frozen=True, slots=True)
class Agreement:
    """`precision` says how pure groups are, `recall` how complete; 0..1, 1 where there was nothing to get wrong."""

    precision: float
    recall: float

    @property
    def f(self) -> float:
        """The harmonic mean."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def pairwise(groups: Sequence[Hashable], persons: Sequence[Hashable]) -> Agreement:
    """Over pairs of faces: of those in one group, how many show one person, and the other way round."""
    together = _pairs(zip(groups, persons, strict=True))
    grouped, same = _pairs(groups), _pairs(persons)
    return Agreement(together / grouped if grouped else 1.0, together / same if same else 1.0)


def bcubed(groups: Sequence[Hashable], persons: Sequence[Hashable]) -> Agreement:
    """Mean over faces: of a face's group, the share that shows its person; of its person, the share in its group.

    Bagga and Baldwin 1998; a face counts as its own neighbour, so that people with one picture count too.
    """
    both = Counter(zip(groups, persons, strict=True))
    group_sizes, person_sizes = Counter(groups), Counter(persons)
    pure = sum(count**2 / group_sizes[group] for (group, _), count in both.items())
    complete = sum(count**2 / person_sizes[person] for (_, person), count in both.items())
    return Agreement(pure / len(groups), complete / len(groups))


def _pairs(values: "Sequence[Hashable] | zip[tuple[Hashable, Hashable]]") -> int:
    return sum(comb(count, 2) for count in Counter(values).values())
