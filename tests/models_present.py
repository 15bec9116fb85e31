"""Which models the tests and benchmarks may use: the repository's own, and real ones where they are beside it."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
EXAMPLE = ROOT / "examples" / "digits_cnn.tflite"
REAL = (
    "ad01_int8",
    "kws_ref_model",
    "pretrainedResnet_quant",
    "vww_96_int8",
    "lenet28_int8",
    "har1d_int8",
    "mobilenetv2_tiny_int8",
)


def own_models() -> list[Path]:
    """The small models that the repository ships."""
    return [EXAMPLE, *sorted((ROOT / "tests" / "models").glob("*.tflite"))]


def real_models() -> list[Path]:
    """The larger ones, of those that are there."""
    return [path for name in REAL if (path := SHARED / "models" / f"{name}.tflite").is_file()]
