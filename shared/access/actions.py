"""Data actions: the names of what a caller may be allowed to do.

They are Azure's, below `Microsoft.CognitiveServices/accounts/Face/`: the words of the path, then what the method does.
Each operation declares its own. Here stand those that more than one module has to spell.
"""

PUBLIC = "public"
"""The action of an operation that anybody may call. It has to be written down: there is no default."""

SESSION = "sessiontoken"
"""The action of an operation that the token of a liveness session opens, for this session alone."""

PRIVACY = "privacy/"
"""What the data actions begin with that serve data subjects: export, erasure, restriction, reports, the audit trail."""
