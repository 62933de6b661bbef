"""Pure functions from scores and counts to the figures of ISO/IEC 19795-1."""
