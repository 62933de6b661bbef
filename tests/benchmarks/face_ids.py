"""Find similar and group among many faceIds. Each face has its own row; those of one picture are read together."""

from dataclasses import dataclass

import numpy as np

from shared.gallery import grouping
from shared.gallery.confidence import ConfidenceScale
from shared.people.recognition import FacesScope
from tests.benchmarks.group import like
from tests.benchmarks.seeding import random_templates
from tests.benchmarks.timing import medians
from tests.benchmarks.traffic import counted
from tests.benchmarks.world import World

PICTURES = 2  # of a person


@dataclass(frozen=True)
class Timing:
    """Medians in milliseconds; `requests` of one call. `grouping`: the computing part of `group`."""

    similar: float
    group: float
    grouping: float
    requests: int


def measure(world: World, faces: int, of_a_picture: int, rounds: int) -> Timing:
    """So many from each detect, two of a person."""
    templates = like(np.repeat(random_templates(faces // PICTURES), PICTURES, axis=0))
    ids = world.face_ids(templates, of_a_picture)
    recognition = world.services().recognition
    minimum = ConfidenceScale.load(world.recogniser).cosine_at(grouping.TOGETHER)
    assert len(recognition.group(ids).groups) == faces // PICTURES
    times = medians(
        {
            "similar": lambda: recognition.find_similar(ids[0], FacesScope(ids[1:]), "matchPerson", 20),
            "group": lambda: recognition.group(ids),
            "grouping": lambda: grouping.group(templates, minimum),
        },
        rounds,
    )
    with counted(world.azurite) as traffic:
        recognition.group(ids)
    return Timing(**times, requests=traffic.requests)
