"""Which models the tests and benchmarks may use: the repository's own, and real ones where they are beside it."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
EXAMPLE = ROOT / "examples" / "digits_cnn.tflite"
FLOAT_EXAMPLE = ROOT / "examples" / "digits_float.keras"
REAL = (
    "ad01_int8",
    "kws_ref_model",
    "pretrainedResnet_quant",
    "vww_96_int8",
    "lenet28_int8",
    "har1d_int8",
    "mobilenetv2_tiny_int8",
)

FLOAT = (
    "ad01_fp32",
    "cnn32_bn_float",
    "dnn_kws_float",
    "kws_ref_model_float32",
    "lenet28_float",
    "mobilenetv2_tiny_float",
    "pretrainedResnet",
    "vww_96_float",
)


def own_models() -> list[Path]:
    """The small models that the repository ships."""
    return [EXAMPLE, *sorted((ROOT / "tests" / "models").glob("*.tflite"))]


def real_models() -> list[Path]:
    """The larger ones, of those that are there."""
    return [path for name in REAL if (path := SHARED / "models" / f"{name}.tflite").is_file()]


def float_models() -> list[Path]:
    """The float TFLite files of those that are there."""
    return [path for name in FLOAT if (path := SHARED / "models" / f"{name}.tflite").is_file()]


def shared_models() -> list[Path]:
    """Every model file that lies beside the repository, of any format."""
    folder = SHARED / "models"
    suffixes = {".tflite", ".h5", ".keras", ".onnx"}
    return sorted(path for path in folder.glob("*") if path.suffix in suffixes) if folder.is_dir() else []
