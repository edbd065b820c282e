"""Take the pictures in docs/pictures: reports of real searches on made-up data.

The data comes from the scripts in examples/, so that a picture shows no one's
photos. Runs that are already there are not searched again, only drawn anew:

    python docs/take_pictures.py demo-data

Needs chromium, chromedriver and selenium; takes about a quarter of an hour.
"""

from __future__ import annotations

import argparse
import base64
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

ROOT = Path(__file__).resolve().parents[1]
WIDTH = 1400  # CSS pixels


@dataclass(frozen=True)
class Run:
    """A search to show: the script that makes its data, and what else to ask for."""

    script: str
    data: str
    trials: int
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Picture:
    """What to show of a page: from the top of `first` to the bottom of `last`."""

    run: str
    first: str
    last: str
    dark: bool = False


RUNS = {
    "digits": Run("make_digits", "digits", 16),
    "digits-random": Run("make_digits", "digits", 10, ("--strategy", "random")),
    "calls": Run("make_sounds", "calls", 6),
    "solids": Run("make_volumes", "solids.npz", 3),
    "pulses": Run("make_pulses", "pulses.npz", 4, ("--target", "heart_rate")),
    "shapes": Run("make_shapes", "shapes", 4),
}
EPOCHS = 12
LIMITS = ("--max-macs", 8_000_000, "--workers", 1, "--seed", 0)
LABELS = {"shapes": "labels.csv"}  # the file of a folder that is the data
COMPARED = ("digits", "digits-random")
PICTURES = {
    "first-screen": Picture("digits", "header", "#leaderboard tbody tr:nth-child(8)"),
    "sounds": Picture("calls", "#models h2", "#models details:first-of-type"),
    "volumes": Picture("solids", "#models h2", "#models details:first-of-type"),
    "labels-dark": Picture(
        "shapes", "#models h2", "#models details:first-of-type", dark=True
    ),
    "regression": Picture("pulses", "#models h2", "#models details:first-of-type"),
    "comparison": Picture("comparison", "header", "main section:last-of-type"),
}


def main() -> None:
    """Search where nothing is yet, then take every picture."""
    parser = argparse.ArgumentParser(description="Take the pictures of the docs.")
    parser.add_argument("folder", type=Path, help="where data and runs are or go")
    parser.add_argument("--only", nargs="*", choices=PICTURES, default=PICTURES)
    arguments = parser.parse_args()
    folder = arguments.folder  # as it was given: the pages show it
    browser = start_browser()
    for name in arguments.only:
        file = ROOT / "docs" / "pictures" / f"{name}.png"
        run = PICTURES[name].run
        page = page_of(run, folder) if run in RUNS else compare(folder)
        take(browser, page, PICTURES[name], file)
        sys.stdout.write(f"{file.name}: {file.stat().st_size / 1000:.0f} kB\n")
    browser.quit()


def page_of(name: str, folder: Path) -> Path:
    """Return the report of a run, which is made where there is none."""
    run = RUNS[name]
    data, out = folder / run.data, folder / "runs" / name
    if not data.exists():
        python(ROOT / "examples" / f"{run.script}.py", data)
    if not (out / "leaderboard.html").exists():
        source = data / LABELS[name] if name in LABELS else data
        asked = ("--trials", run.trials, "--epochs", EPOCHS, *LIMITS)
        automl("search", "--data", source, "--out", out, *asked, *run.arguments)
    automl("report", out)
    return out / "leaderboard.html"


def compare(folder: Path) -> Path:
    """Return the page that shows two runs side by side."""
    page = folder / "runs" / "comparison.html"
    runs = [page_of(name, folder).parent for name in COMPARED]
    automl("report", *runs, "--out", page)
    return page


def automl(*arguments: object) -> None:
    """Run the command of this checkout."""
    python("-m", "automl", *arguments)


def python(*arguments: object) -> None:
    """Run this interpreter; raise `CalledProcessError` where it fails."""
    subprocess.run([sys.executable, *map(str, arguments)], check=True)


def start_browser() -> Any:
    """Return a headless Chromium."""
    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    for option in ("--headless=new", "--no-sandbox", "--hide-scrollbars"):
        options.add_argument(option)
    service = Service(str(shutil.which("chromedriver")))
    return webdriver.Chrome(options=options, service=service)


def take(browser: Any, page: Path, picture: Picture, file: Path) -> None:
    """Write a picture of a part of a page as a PNG file."""
    scheme = {"name": "prefers-color-scheme", "value": "dark" if picture.dark else ""}
    size = {"width": WIDTH, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get(page.resolve().as_uri())
    script = """
      const [top, bottom] = [...arguments].map((name, place) => {
        const edges = document.querySelector(name).getBoundingClientRect();
        return scrollY + (place ? edges.bottom + 12 : Math.max(0, edges.top - 12));
      });
      return [top, bottom - top];
    """
    top, height = browser.execute_script(script, picture.first, picture.last)
    clip = {"x": 0, "y": top, "width": WIDTH, "height": height, "scale": 1}
    shot = browser.execute_cdp_cmd(
        "Page.captureScreenshot", {"clip": clip, "captureBeyondViewport": True}
    )
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(base64.b64decode(shot["data"]))
    with Image.open(file) as image:
        few = image.convert("RGB").quantize(method=Image.Quantize.MAXCOVERAGE)
    few.save(file, optimize=True)  # of 256 colours, rare ones included: a third


if __name__ == "__main__":
    main()
