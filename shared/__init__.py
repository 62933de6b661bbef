"""Ownface's own packages; functions/ holds the edge that Azure Functions sees."""

__version__ = "0.1.0"
