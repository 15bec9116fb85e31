"""What tests have found out is told at the end of a run."""

from __future__ import annotations

from typing import Any


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print what tests recorded as the property `summary`, in whichever process they ran."""
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", None) == "call":
                for text in (value for name, value in report.user_properties if name == "summary"):
                    terminalreporter.section(text.splitlines()[0])
                    terminalreporter.write_line("\n".join(text.splitlines()[1:]))
