"""The report page: how large it is, how long it takes to write, to draw and to brush.

Writes made-up runs of 100 and 1,000 trials, opens each in headless Chromium without
a network, and reads Chromium's own clock: when the page is drawn, and how long after
a movement of the mouse on an axis the filtered page is. Times on a busy machine are
upper bounds; the ratios to the first page of the same run are not.

Aims: 1,000 trials drawn within 1,500 ms and a step of a brush under 150 ms; 100 trials
without explanations written in under 2 s of CPU; 100 trials with 5 models in less than
0.8 MB, and never more than 2 MB.

    PYTHONPATH=. python benchmarks/report.py [--repeats 5]
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from automl_reports.files import write_reports
from automl_reports.rows import RunReport
from benchmarks.printing import say
from tests.reports.synthetic import make_report
from tests.reports.synthetic_models import explained

SIZES = (100, 1000)
NUM_MODELS = 5
STEPS = 12  # movements of one drag
HEADS = (
    "trials  explained  MB     write CPU s     drawn ms        brush step ms   worst"
)
OPTIONS = "--headless=new --no-sandbox --disable-gpu --window-size=1400,900"
# Runs before the page: notes when the first frame after loading was drawn, and for
# every movement of the pointer how long the frame that follows it took.
CLOCK = """
  const after = (done) => requestAnimationFrame(() => setTimeout(done));
  addEventListener("load", () => after(() => { window.drawn = performance.now(); }));
  window.steps = [];
  addEventListener("pointermove", (event) => after(
    () => window.steps.push(performance.now() - event.timeStamp)), true);
"""


def main() -> None:
    """Print a table of one line a page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    say(HEADS)
    first: Line | None = None
    with tempfile.TemporaryDirectory() as folder, browser() as page:
        for trials in SIZES:
            report = make_report(trials, num_models=NUM_MODELS)
            for words, run in (("no", report), ("yes", explained(report))):
                line = measured(run, Path(folder), page, repeats)
                first = first or line
                say(f"{trials:>6}  {words:9}  {line.told(first)}")


@dataclass(frozen=True)
class Line:
    """What is known of one page; times are medians."""

    megabytes: float
    cpu_seconds: float
    drawn_ms: float
    step_ms: float
    worst_step_ms: float

    def told(self, first: Line) -> str:
        """Return the figures, and the ratios of times to those of `first`."""
        times = (
            (self.cpu_seconds, first.cpu_seconds, ".2f"),
            (self.drawn_ms, first.drawn_ms, ".0f"),
            (self.step_ms, first.step_ms, ".0f"),
        )
        texts = (f"{time:{form}} (x{time / base:.1f})" for time, base, form in times)
        columns = "".join(f"{text:16}" for text in texts)
        return f"{self.megabytes:5.3f}  {columns}{self.worst_step_ms:.0f}"


def measured(report: RunReport, folder: Path, page: Any, repeats: int) -> Line:
    """Return what writing, drawing and brushing a report takes."""
    cpu, size = written(report, folder, repeats)
    drawn = median_drawn(page, folder, repeats)
    steps = brushed(page)
    return Line(size / 1e6, cpu, drawn, statistics.median(steps), max(steps))


def written(report: RunReport, folder: Path, repeats: int) -> tuple[float, int]:
    """Return the median CPU seconds of writing all files, and the page's bytes."""
    seconds = []
    for _ in range(repeats):
        begin = time.process_time()
        write_reports(report, folder)
        seconds.append(time.process_time() - begin)
    return statistics.median(seconds), page_of(folder).stat().st_size


def page_of(folder: Path) -> Path:
    """Return the page in a folder."""
    return folder / "leaderboard.html"


@contextmanager
def browser() -> Iterator[Any]:
    """Yield a headless Chromium that runs `CLOCK` before every page."""
    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    for option in OPTIONS.split():
        options.add_argument(option)
    service = Service(str(shutil.which("chromedriver")))
    page = webdriver.Chrome(options=options, service=service)
    page.set_script_timeout(60)
    page.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": CLOCK})
    yield page
    page.quit()


def median_drawn(page: Any, folder: Path, repeats: int) -> float:
    """Return the milliseconds from the start of loading to the first whole frame."""
    times: list[float] = []
    for _ in range(repeats):
        page.get(page_of(folder).as_uri())
        times.append(page.execute_async_script(
            "const done = arguments[0];"
            "const ask = () => window.drawn ? done(window.drawn) : setTimeout(ask, 20);"
            "ask()"
        ))  # fmt: skip
    return statistics.median(times)


def brushed(page: Any) -> Sequence[float]:
    """Return the milliseconds of every step of one drag along the last axis."""
    box = page.execute_script(
        "const hits = document.querySelectorAll('.parallel .hit');"
        "const hit = hits[hits.length - 1];"
        "hit.scrollIntoView({block: 'center'});"
        "const {x, y, width, height} = hit.getBoundingClientRect();"
        "return [x + width / 2, y, height]"
    )
    x, top, height = box
    mouse(page, "mouseMoved", x, top + 0.05 * height)
    mouse(page, "mousePressed", x, top + 0.05 * height)
    page.execute_script("window.steps.length = 0")
    for step in range(1, STEPS + 1):
        mouse(page, "mouseMoved", x, top + height * (0.05 + 0.8 * step / STEPS))
        time.sleep(0.1)  # one step is over before the next begins
    mouse(page, "mouseReleased", x, top + 0.85 * height)
    return list(page.execute_script("return window.steps"))


def mouse(page: Any, kind: str, x: float, y: float) -> None:
    """Move, press or release the mouse at a place of the window."""
    event = {"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1}
    page.execute_cdp_cmd("Input.dispatchMouseEvent", {**event, "buttons": 1})


if __name__ == "__main__":
    main()
