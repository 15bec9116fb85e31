"""What can go wrong, as one line each.

    SimrefError               shown as `simref: error: <message>`, exit code 2
    ├── ModelError            the model file is missing, malformed or contradicts itself
    ├── UnsupportedError      the model is valid, but a layer asks for what is not built
    ├── UsageError            an argument, an input file or an output folder is unusable
    └── ToolchainError        no compiler was found, or it failed

A message says where, what, what was found, what is allowed and what to do, e.g.
`layer 7 CONV_2D "stem/conv": dilation_h is 2, must be 1 with int8. See 'simref supported-ops CONV_2D'.`
"""


class SimrefError(Exception):
    """The root of every error the user can act on; `str()` is one line."""


class ModelError(SimrefError):
    """The model file is missing, malformed or contradicts itself."""


class UnsupportedError(SimrefError):
    """The model is valid, but one of its layers asks for something that is not built."""


class UsageError(SimrefError):
    """An argument, an input file or an output folder is unusable."""


class ToolchainError(SimrefError):
    """No compiler was found, or it refused the generated code."""
