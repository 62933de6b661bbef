"""Who may do what: callers and how they prove who they are, roles and what they allow, features that the owner approved.

Knows no HTTP, no storage and no picture."""
