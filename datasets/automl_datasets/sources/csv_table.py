"""CSV files of samples: texts, pixels or series a row, or series a step a row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from automl_datasets.errors import DataError
from automl_datasets.naming import shown
from automl_datasets.options import DataOptions
from automl_datasets.samples import Layout, Plan, Reading, Sample, Scan, with_targets
from automl_datasets.series import as_reading as series_reading
from automl_datasets.sources import series_tsv
from automl_datasets.sources._csv_columns import decide_roles
from automl_datasets.sources._csv_files import better_refusal, refuse_unnamed
from automl_datasets.sources._csv_form import CsvForm, read_form
from automl_datasets.sources._csv_parts import LABELS_DIFFER, Part, candidates, part_of
from automl_datasets.sources._csv_recipe import Recipe
from automl_datasets.sources._csv_roles import Roles
from automl_datasets.sources._csv_rows import Table
from automl_datasets.sources._manifest_tables import is_submission
from automl_datasets.sources._manifests import manifest_at, manifest_in
from automl_datasets.sources._many_samples import LastOpened
from automl_datasets.sources._many_samples import accepts as accepts
from automl_datasets.sources._many_samples import read_file as read_file
from automl_datasets.sources._pixel_cells import CELLS
from automl_datasets.sources._pixel_shapes import image_shape
from automl_datasets.sources._pixels import (
    PIXELS,
    as_pixels,
    pixel_layout,
    series_first,
    table_reading,
)
from automl_datasets.sources._series_lines import plan_series
from automl_datasets.sources._split_files import (
    candidate_file,
    first_file,
    other_splits,
    split_files,
)
from automl_datasets.sources._unnamed_tables import (
    is_unnamed_table,
    unnamed_table_in,
)
from automl_datasets.sources.tables import SUFFIXES, encoding_notes
from automl_datasets.target_columns import unlabelled
from automl_datasets.targets import decide
from automl_datasets.vocabulary import as_reading as text_reading
from automl_datasets.vocabulary import fitting, plan_texts

NAME = "table"
FORM = "a CSV table of texts, series or pixels and labels"
PARALLEL = False

_KINDS = ("auto", "text", "series", "image")
_MOST_DIFFERING = 0.5  # share of the series; beyond, the column tells none apart
_CELLS_TRIED = 20  # some may be spoilt
_KIND_OF = {
    "text": "text",
    PIXELS: "image",
    CELLS: "image",
}  # by the form of the table; else series


def recognise(path: Path) -> str | None:
    """Return why a path is taken for a table of samples, or `None`."""
    if path.is_dir():
        file = _table_in(path)
        # Most folders hold no table, and are not looked through for a manifest.
        if file is None or manifest_in(path) is not None:
            return None
        return f"a folder that holds {shown(file.name)}"
    if is_unnamed_table(path):
        return "a table with tabs, without an ending"
    if path.suffix.lower() not in SUFFIXES or not path.is_file():
        return None
    if series_tsv.SOURCE.recognise(path) or manifest_at(path) is not None:
        return None
    return f"a table named {path.suffix}"


def _table_in(folder: Path) -> Path | None:
    """Return a table for training in a folder, or its only table."""
    tables = sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES)
    tables = [file for file in tables if file.is_file() and file.name[0] != "."]
    only = tables[0] if len(tables) == 1 else None
    only = only if tables else unnamed_table_in(folder)
    found = candidate_file(folder, SUFFIXES) or only
    if found is None or is_submission(found.name):
        return None
    return found if recognise(found) else None


def scan(path: Path, options: DataOptions) -> Scan:
    """List the samples of a table and of the other splits beside it.

    Raises:
        DataError: If the table is not understood, or its labels cannot be used.
    """
    path = path.absolute()
    start = path
    if path.is_dir():
        start = first_file(path, SUFFIXES) or _table_in(path) or path
    if options.kind not in _KINDS:
        raise DataError(
            f"{start} is a table of texts, series or pixels, but the kind "
            f"{options.kind!r} was asked for; choose text, series or image."
        )
    form, head = read_form(start)
    try:
        roles = decide_roles(form, head, series_first(options), source=str(start))
    except DataError as error:
        raise better_refusal(start, error) from error
    refuse_unnamed(path, start, roles, options)
    roles = as_pixels(roles, form, head, options, source=str(start))
    files, notes = _same_columns(start, form)
    parts: list[Part] = []
    problems: list[tuple[str, str]] = []
    for split, file, its_form in files:
        found: list[str] = []
        parts.append(part_of(file, its_form, roles, split, found))
        problems += [(shown(file.name), problem) for problem in found]
    result = _scan(start, roles, parts, options)
    return replace(
        result,
        skipped=(*problems, *result.skipped),
        notes=(*notes, *roles.notes, *result.notes),
    )


def _same_columns(
    start: Path, form: CsvForm
) -> tuple[list[tuple[str | None, Path, CsvForm]], list[str]]:
    """Return the files of the data set that have the columns of the first."""
    files, notes = split_files(start)
    forms = {file: form if file == start else read_form(file)[0] for _, file in files}
    same = [
        (split, file, forms[file])
        for split, file in files
        if set(forms[file].names) == set(form.names)
    ]
    left = [
        shown(file.name) for file in forms if set(forms[file].names) != set(form.names)
    ]
    told = list(notes)
    if left:
        told = [f"Not used: {', '.join(left)}, since the columns differ."]
    if len({split for split, _, _ in same}) < 2:
        same = [(None, file, its_form) for _, file, its_form in same]
    elif left:
        told.append("Splits kept as given by the files that remain.")
    told += encoding_notes(its_form for _, _, its_form in same)
    return same, told


def _scan(
    path: Path, roles: Roles, parts: Sequence[Part], options: DataOptions
) -> Scan:
    columns: dict[str, list[str]] = {
        name: [cell for part in parts for cell in part.labels[i]]
        for i, name in enumerate(roles.targets)
    }
    unlabeled = set(unlabelled(columns, options, source=str(path)))
    skipped: dict[int, tuple[str, str]] = {}
    for i, (sample, reason) in enumerate(candidates(parts)):
        if i in unlabeled:
            reason = reason or "has no label"
        elif roles.group is not None and sample.group is None:
            reason = reason or "has no group"
        if reason is not None:
            skipped[i] = (sample.name, reason)
    differing = [reason for _, reason in skipped.values()].count(LABELS_DIFFER)
    count = len(columns[roles.targets[0]])
    if differing > _MOST_DIFFERING * count:
        raise DataError(_changing(path, roles, f"{differing} of {count}"))
    usable = {
        name: [cell for i, cell in enumerate(cells) if i not in skipped]
        for name, cells in columns.items()
    }
    if not usable[roles.targets[0]]:
        raise DataError(_no_label(path, roles, tuple(skipped.values())))
    targets = decide(usable, options, source=str(path))
    kept = (s for i, (s, _) in enumerate(candidates(parts)) if i not in skipped)
    samples = with_targets(kept, targets.values)
    notes = targets.notes
    if roles.split is not None and any(sample.split for sample in samples):
        notes = (f"Splits kept as given by the column {roles.split!r}.", *notes)
    return Scan(
        _KIND_OF.get(roles.form, "series"),
        targets.classes,
        samples,
        tuple(skipped.values()),
        notes,
        targets.task,
        targets.names,
    )


def _no_label(path: Path, roles: Roles, skipped: Sequence[tuple[str, str]]) -> str:
    """Return what to say of a table without a sample that can be used."""
    reason = skipped[0][1] if skipped else ""
    if reason == LABELS_DIFFER:
        return _changing(path, roles, "all")
    why = f" (the first: {reason})" if reason else ""
    return f"{path} holds no labelled sample{why}; add some."


def _changing(path: Path, roles: Roles, which: str) -> str:
    """Return what to say of a table whose series have several labels each.

    Args:
        path: The table.
        roles: What its columns are for.
        which: How many of the series have several.
    """
    return (
        f"The column {roles.series!r} of {path} was taken for the series, but the "
        f"label changes within {which} of them; add a column with an id for each "
        "stretch of one label, or name another column as the target."
    )


def beside(path: Path) -> list[Path]:
    """Return the files of the other splits; see `Source.beside`."""
    return other_splits(path)


def plan(scan: Scan, options: DataOptions, *, thorough: bool) -> Plan:
    """Decide on tokens or length from all samples; see `Source.plan`."""
    tables = Tables()
    if scan.kind == "image":
        return _plan_pixels(scan, options, tables)
    if scan.kind == "series":
        series = plan_series(scan, tables.sample, TableReader)
        layout = _recording(series.layout, scan)
        return replace(series, layout=layout, reader=TableReader(layout))
    found = plan_texts(lambda: (tables.sample(sample) for sample in scan.samples))
    layout = _recording(found.layout, scan)
    return Plan(
        layout,
        TableReader(layout),
        found.notes,
        sizes=found.sizes,
        fitting=fitting(layout),
    )


def _recording(layout: Layout, scan: Scan) -> Layout:
    """Return a layout that tells which columns are read, where one name does.

    Names of the steps of series a row tell it by themselves.
    """
    recipe = Recipe.from_member(scan.samples[0].member)
    if recipe.form == "wide" or not recipe.csv.header:
        return layout
    names = [recipe.csv.names[channel[0]] for channel in recipe.values]
    return replace(layout, preprocessing={**layout.preprocessing, "columns": names})


def _plan_pixels(scan: Scan, options: DataOptions, tables: Tables) -> Plan:
    by_table: dict[tuple[str, str], list[Sample]] = {}
    for sample in scan.samples:
        by_table.setdefault((sample.location, sample.member), []).append(sample)
    counts = {_num_pixels(samples, tables) for samples in by_table.values()}
    shapes = {shape for count in counts if (shape := image_shape(count))}
    source = Path(scan.samples[0].location)
    layout = pixel_layout(shapes, options, source=source)
    return Plan(layout, TableReader(layout), sizes=tuple(s[:-1] for s in shapes))


def _num_pixels(samples: Sequence[Sample], tables: Tables) -> int:
    """Return how many numbers make an image of the table that samples are of."""
    recipe = Recipe.from_member(samples[0].member)
    if recipe.form != CELLS:
        return len(recipe.values[0])
    cells = [str(tables.sample(sample)) for sample in samples[:_CELLS_TRIED]]
    return Counter(len(cell.split()) for cell in cells).most_common(1)[0][0]


def reader(layout: Layout) -> TableReader:
    """Return a reader into a layout that is given."""
    return TableReader(layout)


@dataclass(frozen=True)
class Tables:
    """Tables in use, one at a time."""

    last: LastOpened[Table] = field(default_factory=LastOpened)

    def sample(self, sample: Sample) -> Any:
        """Return the text or the series of a sample.

        Raises:
            DataError: If it cannot be read.
        """
        table = self.last.get(
            (sample.location, sample.member),
            lambda: Table(Path(sample.location), Recipe.from_member(sample.member)),
        )
        return table.sample(sample.place)


@dataclass(frozen=True)
class TableReader:
    """Reads texts, series or images out of tables.

    Attributes:
        layout: The form to reach.
        tables: The tables in use.
    """

    layout: Layout
    tables: Tables = field(default_factory=Tables)

    def read(self, sample: Sample, *, fitted: bool) -> Reading:
        """Read the text, series or image of a sample; see `Reader.read`."""
        found = self.tables.sample(sample)
        if self.layout.kind == "text":
            return text_reading(found, self.layout, fitted=fitted)
        if self.layout.kind == "image":
            return table_reading(found, self.layout, fitted=fitted)
        return series_reading(found, self.layout, fitted=fitted)
