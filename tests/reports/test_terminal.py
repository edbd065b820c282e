import io
import os
import pty
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TextIO

import pytest
from rich.console import Console

from automl_reports.rows import TrialRow
from automl_reports.terminal import Progress, final_lines, make_progress
from automl_reports.terminal.live import LiveProgress
from automl_reports.terminal.silent import SilentProgress
from tests.reports.synthetic import HOSTILE, all_failed, make_hostile, make_report


def play(progress: Progress, rows: tuple[TrialRow, ...], workers: int = 2) -> None:
    progress.phase("searching")
    for place, row in enumerate(rows):
        progress.trial_started(place % workers, row, 30)
        for epoch, score in enumerate((0.1, None, float("nan"), 0.7), start=1):
            progress.epoch_ended(place % workers, row.trial, epoch, score)
        progress.epoch_ended(place % workers, "another", 9, 0.5)
        progress.trial_ended(row)
    progress.message("a line to remember")


def plain_text(rows: tuple[TrialRow, ...]) -> str:
    stream = io.StringIO()
    progress = make_progress(stream, quiet=False, budget_seconds=None, now=lambda: 5.0)
    play(progress, rows)
    progress.close()
    return stream.getvalue()


@pytest.fixture
def terminal() -> Iterator[TextIO]:
    """A real terminal of 100 columns, read by nobody who waits."""
    master, slave = pty.openpty()
    reader = threading.Thread(target=_drain, args=(master,), daemon=True)
    reader.start()
    with open(slave, "w", encoding="utf-8") as stream:  # noqa: PTH123
        yield stream
    reader.join(timeout=10)
    os.close(master)


def _drain(master: int) -> None:
    try:
        while os.read(master, 65536):
            pass
    except OSError:  # the other end is closed: the test is over
        return


@pytest.fixture
def live(terminal: TextIO) -> Iterator[LiveProgress]:
    progress = make_progress(
        terminal,
        quiet=False,
        budget_seconds=600,
        page="runs/birds/leaderboard.html",
        now=lambda: 0.0,
    )
    assert isinstance(progress, LiveProgress)
    yield progress
    progress.close()


def drawn(live: LiveProgress, width: int) -> list[str]:
    console = Console(width=width, file=io.StringIO(), color_system=None)
    with console.capture() as capture:
        console.print(live._draw())
    return capture.get().splitlines()


def test_quiet_writes_nothing() -> None:
    stream = io.StringIO()
    progress = make_progress(stream, quiet=True, budget_seconds=1)
    assert isinstance(progress, SilentProgress)
    play(progress, make_report(5).trials)
    progress.close()
    assert stream.getvalue() == ""


def test_plain_is_one_line_a_trial_a_phase_and_a_message() -> None:
    report = make_report(20)
    lines = plain_text(report.trials).splitlines()
    assert len(lines) == 20 + 1 + 1
    for row, line in zip(report.trials, lines[1:], strict=False):
        assert f"#{row.trial} {row.status}" in line
        assert row.reason in line


def test_plain_has_no_control_codes_whatever_the_names() -> None:
    text = plain_text(make_hostile(make_report(20)).trials)
    assert len(text.splitlines()) == 22
    assert text.replace("\n", "").isprintable()


def test_plain_survives_a_stream_that_knows_only_ascii() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    progress = make_progress(stream, quiet=False, budget_seconds=None)
    progress.message("Vögel \udcff")
    stream.seek(0)
    assert stream.read().endswith("V\\xf6gel ?\n")


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("workers", [1, 2, 12])
def test_live_never_exceeds_fourteen_lines(
    live: LiveProgress, width: int, workers: int
) -> None:
    report = make_report(40)
    play(live, report.trials, workers)
    for worker in range(workers):
        live.trial_started(worker, report.trials[worker], 30)
        live.epoch_ended(worker, report.trials[worker].trial, 1, 0.5)
    lines = drawn(live, width)
    assert len(lines) <= 14
    assert all(len(line) <= width for line in lines)
    assert sum(line.startswith("worker") for line in lines) == min(workers, 4)
    assert lines[-1].startswith("report  runs/birds/leaderboard.html"[:width])
    assert any("more workers" in line for line in lines) == (workers > 4 and width > 80)


def test_live_shows_counts_the_best_five_and_reasons(live: LiveProgress) -> None:
    report = make_report(40)
    play(live, report.trials)
    text = "\n".join(drawn(live, 200))
    completed = sum(row.status == "completed" for row in report.trials)
    assert f"{completed} completed" in text
    assert "0:00 of 10:00" in text
    for place, row in enumerate(report.trials[:5], start=1):
        assert re.search(rf"{place}\. 0\.\d+ ±0\.\d+  #{row.trial}", text)
    assert "a line to remember" in text
    assert "repeats 0003" in text or "Out of memory" in text


def test_live_counts_a_trial_once_when_it_is_trained_further(
    live: LiveProgress,
) -> None:
    row = make_report(1).trials[0]
    live.trial_ended(replace(row, status="stopped", reason="rung 1"))
    live.trial_ended(row)
    assert "1 completed" in drawn(live, 120)[0]
    assert "stopped" not in drawn(live, 120)[0]


def test_live_ranks_losses_upwards(terminal: TextIO) -> None:
    progress = make_progress(terminal, quiet=False, budget_seconds=None)
    progress.objective("val_rmse", "min")
    assert isinstance(progress, LiveProgress)
    rows = make_report(10).trials[:2]
    for row, loss in zip(rows, (0.9, 0.2), strict=True):
        progress.trial_ended(replace(row, val_score=loss))
    lines = drawn(progress, 120)
    progress.close()
    assert "0.200" in lines[1]
    assert "0.900" in lines[2]


def test_live_puts_means_over_folds_first(live: LiveProgress) -> None:
    lucky, sure = make_report(10).trials[:2]
    live.trial_ended(replace(lucky, val_score=0.9))
    live.trial_ended(replace(sure, val_score=0.7, cross_validated=True))
    lines = drawn(live, 120)
    assert "0.700" in lines[1]
    assert "0.900" in lines[2]


def test_live_shows_hostile_names_as_text(live: LiveProgress) -> None:
    play(live, make_hostile(make_report(30)).trials)
    live.message(HOSTILE[3])
    lines = drawn(live, 200)
    assert HOSTILE[3] in "\n".join(lines)
    assert all(line.isprintable() for line in lines)


def test_live_may_be_closed_twice(live: LiveProgress) -> None:
    live.close()


def test_the_end_names_model_score_paths_and_commands() -> None:
    report = make_report(30)
    best = report.recommended
    assert best is not None
    text = "\n".join(final_lines(report, Path("runs/garden birds"))).replace(
        "\xa0", " "
    )
    assert f"Recommended: #{best.trial} {best.architecture}, 94.3 % on test" in text
    assert "95 % interval 92.7\N{EN DASH}95.6 % on" in text
    page = Path("runs/garden birds/leaderboard.html").resolve().as_uri()
    assert f"Report  {page}\n" in text
    assert "runs/garden birds/best/saved_model" in text
    assert report.warnings[0] in text
    for command in report.commands:
        assert f"  {command}" in text


def test_the_end_of_a_run_without_success_says_why() -> None:
    text = "\n".join(final_lines(all_failed(), Path("runs/x")))
    assert "No trial succeeded: there is no model." in text
    assert "6 \N{MULTIPLICATION SIGN} Loss became NaN" in text
    assert "leaderboard.html" in text
    assert "Model " not in text


def test_the_end_before_the_first_trial_says_so() -> None:
    text = "\n".join(final_lines(make_report(0), Path("runs/x")))
    assert "No trial was started" in text


def test_the_end_of_an_interrupted_run_shows_validation_as_such() -> None:
    report = make_report(12, state="interrupted")
    text = "\n".join(final_lines(report, Path("runs/x")))
    assert "on validation" in text
    assert "not been scored on the test split" in text


def test_the_end_has_no_control_codes() -> None:
    lines = final_lines(make_hostile(make_report(12)), Path("runs/x"))
    assert all(line.isprintable() for line in lines)
