"""What a person sees while a search runs, and at its end."""

from automl_reports.terminal.final import final_lines
from automl_reports.terminal.progress import Progress, make_progress

__all__ = ["Progress", "final_lines", "make_progress"]
