"""Data actions: the names of what a caller may be allowed to do.

They are Azure's, below `Microsoft.CognitiveServices/accounts/Face/`: the words of the path, then what the method does.
Each operation declares its own. Here stand those that more than one module has to spell.
"""

PUBLIC = "public"
"""The action of an operation that anybody may call. It has to be written down: there is no default."""

SESSION = "sessiontoken"
"""The action of an operation that the token of a liveness session opens, for this session alone."""

PRIVACY_EXPORT = "privacy/export/action"
"""Everything that is held on a person."""

PRIVACY_ERASE = "privacy/erase/action"
"""Erase a person everywhere."""

PRIVACY_RESTRICT = "privacy/restrict/action"
"""Keep a person but never match them, and lift that again."""

PRIVACY_RECEIPTS = "privacy/receipts/read"
"""What became of an erasure, and its signed receipt."""

PRIVACY_REPORTS = "privacy/reports/read"
"""What is kept, how long, and what is overdue."""

PRIVACY_AUDIT = "privacy/audit/read"
"""The audit trail, and whether it is whole."""

PRIVACY = (
    PRIVACY_EXPORT,
    PRIVACY_ERASE,
    PRIVACY_RESTRICT,
    PRIVACY_RECEIPTS,
    PRIVACY_REPORTS,
    PRIVACY_AUDIT,
)
