"""The fast path against full emulation, on every network there is: its speed, and how far off it is (make bench)."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import numpy as np

from costmodel.fast import fitted_cores
from simref.pipelines.fast import predict_core_fast, predict_fast, prepare_fast
from simref.pipelines.predict import predict_core, prepare
from tests.models_present import own_models, real_models

HEADER = ["core", "networks", "layers", "median", "95 %", "most", "networks' totals, most"]


def speed(model: Path) -> list[str]:
    """One estimate in a process that has made one before."""
    times = []
    for repeat in range(6):
        started = time.perf_counter()
        predict_fast(model, core="cm7")
        if repeat:
            times.append(time.perf_counter() - started)
    return ["predict --fast, after import", f"{statistics.median(times) * 1e3:.0f} ms", "50 ms"]


def compare() -> list[list[str]]:
    """Per core: |estimated / emulated - 1| of the layers' cycles, and of the networks' totals."""
    models = [*real_models(), *own_models()]
    prepared = [(prepare_fast(path), prepare(path, samples=1)) for path in models]
    rows = []
    for core in fitted_cores():
        layers, totals = [], []
        for fast, model in prepared:
            estimated, emulated = predict_core_fast(fast, core=core), predict_core(model, core=core)
            pairs = zip(estimated.layers, emulated.layers, strict=True)
            layers += [abs(e.cycles / m.cycles - 1) for e, m in pairs if m.cycles]
            totals.append(abs(estimated.cycles / emulated.cycles - 1))
        wrong = [f"{value:.1%}" for value in np.percentile(layers, (50, 95, 100))]
        rows.append([core, str(len(models)), str(len(layers)), *wrong, f"{max(totals):.1%}"])
    return rows
