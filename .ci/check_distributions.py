"""Look into the wheel and the source distribution: all of the product, nothing else.

Usage: check_distributions.py FOLDER
"""

from __future__ import annotations

import sys
import tarfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
#: Where each package lies in the checkout.
PACKAGES = {
    "automl": ROOT,
    "automl_datasets": ROOT / "datasets",
    "automl_reports": ROOT / "reports",
    "automl_search_spaces": ROOT / "search_spaces",
}
#: What a package of Python files alone would lack.
NEEDED = {
    *(f"{package}/py.typed" for package in PACKAGES),
    "automl_reports/template/frame.html",
    "automl_reports/template/page.js",
    "automl_reports/template/style.css",
}


def files_below(folder: Path) -> list[Path]:
    """Return the files of a folder, but for what Python or a tool left there."""
    return [
        file
        for file in sorted(folder.rglob("*"))
        if file.is_file()
        and not any(
            part.startswith((".", "__pycache__"))
            for part in file.relative_to(folder).parts
        )
    ]


def package_files() -> dict[str, Path]:
    """Return every file of the four packages, by its name in the wheel."""
    return {
        file.relative_to(root).as_posix(): file
        for package, root in PACKAGES.items()
        for file in files_below(root / package)
    }


def faults_of_wheel(wheel: Path) -> list[str]:
    """Return what the wheel lacks, or holds beside the packages."""
    with zipfile.ZipFile(wheel) as archive:
        held = {n: archive.read(n) for n in archive.namelist() if not n.endswith("/")}
    wanted = package_files()
    wanted_names = NEEDED | wanted.keys()
    own = {name for name in held if ".dist-info/" not in name}
    faults = [f"{name} is missing" for name in sorted(wanted_names - own)]
    faults += [f"{name} does not belong there" for name in sorted(own - wanted_names)]
    faults += [
        f"{name} is not that of the checkout"
        for name in sorted(own & wanted.keys())
        if held[name] != wanted[name].read_bytes()
    ]
    faults += [] if any(n.endswith("/LICENSE") for n in held) else ["no licence"]
    return faults


def faults_of_source(source: Path) -> list[str]:
    """Return what the source distribution lacks to be built and tested."""
    with tarfile.open(source) as archive:
        held = {m.name.partition("/")[2] for m in archive.getmembers() if m.isfile()}
    files = [*package_files().values(), *files_below(ROOT / "tests")]
    wanted = {file.relative_to(ROOT).as_posix() for file in files}
    wanted |= {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md"}
    return [f"{name} is missing" for name in sorted(wanted - held)]


def main(folder: Path) -> int:
    """Print what is wrong with the distributions of a folder."""
    wheels, sources = list(folder.glob("*.whl")), list(folder.glob("*.tar.gz"))
    faults = [f"{len(wheels)} wheels, {len(sources)} source distributions in {folder}"]
    if len(wheels) == len(sources) == 1:
        faults = [f"{wheels[0].name}: {fault}" for fault in faults_of_wheel(wheels[0])]
        faults += [f"{sources[0].name}: {x}" for x in faults_of_source(sources[0])]
    sys.stdout.writelines(f"{fault}\n" for fault in faults)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
