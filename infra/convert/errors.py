"""What a conversion can fail with.

ConversionError
├── Malformed            the bytes are not of the format, or contradict themselves
├── UnknownOperator      an operator, or a use of one, that no model of the manifest needs
├── WrongShape           inputs or outputs are not those that the manifest describes
└── Unsafe               it names other files, or declares more than it holds
"""


class ConversionError(Exception):
    """A published model file is not what this project converts. The text is one line."""


class Malformed(ConversionError):
    """The bytes are not of the format, or contradict themselves."""


class UnknownOperator(ConversionError):
    """It has an operator, or a use of one, that no model of the manifest needs; the text names it."""


class WrongShape(ConversionError):
    """An input or output is not the one that the manifest describes; the text names it."""


class Unsafe(ConversionError):
    """It names other files, which nobody pinned, or declares more than it holds."""
