"""Drawn cases are the same in each CI run, and new ones elsewhere; what tests have found out is told at the end."""

from __future__ import annotations

import os
from typing import Any

from hypothesis import settings

settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print what tests recorded as the property `summary`, in whichever process they ran."""
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", None) == "call":
                for text in (value for name, value in report.user_properties if name == "summary"):
                    terminalreporter.section(text.splitlines()[0])
                    terminalreporter.write_line("\n".join(text.splitlines()[1:]))
