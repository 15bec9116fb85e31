"""docs/cycle_model.md says of each core what its file says."""

from costmodel.core import Core, core_names, load_core
from tests.models_present import ROOT
from tests.timing import forms


def row(core: Core) -> str:
    """The core's line of the table."""
    direct, indirect = core.timings["branch"].taken, core.timings["branch_indirect"].taken
    adds = str(direct) if direct == indirect else f"{direct}, indirect {indirect}"
    adds += f", mispredicted {core.pipeline.mispredict}" if core.pipeline.branch_prediction else ""
    return f"| {core.name} | {core.pipeline.stages} | {core.pipeline.issue_width} | {adds} | {core.evidence} |"


def test_the_table_of_cores_is_that_of_the_files() -> None:
    text = (ROOT / "docs" / "cycle_model.md").read_text("utf-8")
    for name in core_names():
        assert row(load_core(name)) in text
    assert f"for {len(forms())} instruction forms" in text
