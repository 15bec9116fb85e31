"""y = min(max(x, -1), 1)."""

from __future__ import annotations

from simref.ops._activation import Activation
from simref.ops._op import equation_of
from simref.ops._relu import relu_op

OP = relu_op("RELU_N1_TO_1", equation_of(__doc__), Activation.RELU_N1_TO_1)
