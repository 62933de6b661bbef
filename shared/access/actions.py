"""Data actions: the names of what a caller may be allowed to do.

They are Azure's, below `Microsoft.CognitiveServices/accounts/Face/`: the words of the path, then what the method does.
Each operation declares its own. Here stand those that more than one module has to spell.
"""

PUBLIC = "public"
"""The action of an operation that anybody may call. It has to be written down: there is no default."""

SESSION = "sessiontoken"
"""The action of an operation that the token of a liveness session opens, for this session alone."""

EXPORT = "privacy/export/action"
"""Everything that is held on a person."""

ERASE = "privacy/erase/action"
"""Erase a person everywhere."""

ERASURES = "privacy/erasures/read"
"""What became of an erasure, and its signed receipt."""

RECEIPT_KEYS = "privacy/receiptkeys/read"
"""The public keys by which receipts are checked."""

RESTRICT = "privacy/restrict/action"
"""Keep a person but never match them."""

LIFT = "privacy/lift/action"
"""End that again."""

TERMS = "privacy/terms/action"
"""Say whose a record is, on which consent, and until when it is kept."""

RETENTION = "privacy/retention/read"
"""What is kept, how long, and what is overdue."""

ANCHOR = "privacy/anchor/action"
"""How far the audit trail is."""

PRIVACY = (EXPORT, ERASE, ERASURES, RECEIPT_KEYS, RESTRICT, LIFT, TERMS, RETENTION, ANCHOR)
