"""Who may do what: callers and their proofs, roles and what they allow, features that the owner approved.

Knows no HTTP, no storage and no picture."""
