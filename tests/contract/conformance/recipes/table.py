"""All recipes, gathered from their modules."""

from tests.contract.conformance.recipes import (
    collections,
    detection,
    directory,
    dynamic_groups,
    faces,
    liveness,
    persons,
    recognition,
    snapshots,
)
from tests.contract.conformance.recipes.registry import RECIPES

MODULES = (collections, detection, directory, dynamic_groups, faces, liveness, persons, recognition, snapshots)

__all__ = ["MODULES", "RECIPES"]
