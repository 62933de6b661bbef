"""A package, so that what its fixtures start, such as the browser's event loop, ends with its last test."""
