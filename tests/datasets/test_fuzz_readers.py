"""Spoilt files of every family are read or refused; those that were not stay here.

Hours of the same: `benchmarks/fuzz_readers.py`.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from automl_datasets.array_files import load_array
from automl_datasets.errors import DataError
from automl_datasets.media import series_file, volume
from automl_datasets.options import DataOptions
from automl_datasets.series import side_by_side
from automl_datasets.sources import npz, series_arff
from automl_datasets.sources.registry import recognise
from tests.datasets.fuzz_mutations import mutated
from tests.datasets.fuzz_reading import Readers
from tests.datasets.fuzz_seeds import FAMILIES

_SPOILT = 12  # files of each family


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    """A process that reads files in forks of its own."""
    if not Path("/proc/self/status").exists():
        pytest.skip("needs /proc")
    with Readers() as process:
        yield process


@pytest.mark.parametrize("family", FAMILIES)
def test_spoilt_files_are_read_or_refused(
    family: str, readers: Readers, tmp_path: Path
) -> None:
    make, packages = FAMILIES[family]
    for package in packages:
        if find_spec(package) is None:
            pytest.skip(f"needs {package}")
    seeds = make()
    others = [seed.content for seed in seeds]
    for seed in seeds:
        path = seed.write(tmp_path, seed.content)
        good = readers.read(path, seed.medium, trusted=True)
        assert good.word == "read", f"{seed.name}: {good.told}"

    @settings(
        max_examples=_SPOILT,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(place=st.integers(0, len(seeds) - 1), chance=st.integers(0, 2**32))
    def spoil_one(place: int, chance: int) -> None:
        seed = seeds[place]
        content = mutated(seed.content, Random(chance), others)
        path = seed.write(tmp_path, content)
        outcome = readers.read(path, seed.medium)
        assert not outcome.fault, f"{seed.name}: {outcome.fault}"

    spoil_one()


def test_a_fault_is_seen(readers: Readers, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"x")
    outcome = readers.read(tmp_path / "a.png", "no_such_medium")
    assert outcome.word == "raised"
    assert "ModuleNotFoundError" in outcome.fault


def header(text: str) -> bytes:
    """Return a `.npy` file with that header and no numbers."""
    padded = text.ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(padded).to_bytes(2, "little") + padded.encode()


BROKEN_HEADERS = {
    "never closed": "{'descr': '<f4', 'fortran_order': False, 'shape': (40,",
    "no Python": "{'descr': '<f4', 'fortran_order': False, 'shape': (4 0,)}",
    "too many": "{'descr': '<f4', 'fortran_order': False, 'shape': (999999999999,)}",
    "fewer than none": "{'descr': '<f4', 'fortran_order': False, 'shape': (-4,)}",
}


@pytest.mark.parametrize("fault", BROKEN_HEADERS)
def test_broken_headers_of_arrays_are_refused(fault: str, tmp_path: Path) -> None:
    content = header(BROKEN_HEADERS[fault])
    (tmp_path / "one.npy").write_bytes(content)
    with pytest.raises(DataError):
        series_file.peek(str(tmp_path / "one.npy"))
    with zipfile.ZipFile(tmp_path / "many.npz", "w") as archive:
        archive.writestr("x.npy", content)
        archive.writestr("y.npy", content)
    with pytest.raises(DataError, match=r"many\.npz is not a readable \.npz file"):
        npz.scan(tmp_path / "many.npz", DataOptions("many.npz"))


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("point", [0xFFFFFFFF, 0x110000, 0xD861])
def test_texts_of_characters_that_do_not_exist_are_refused(
    point: int, order: str, tmp_path: Path
) -> None:
    labels = np.array(["a", "b"] * 10, f"{order}U1")
    labels.view(f"{order}u4")[3] = point
    np.savez(tmp_path / "a.npz", x=np.zeros((20, 8, 8)), y=labels)
    with pytest.raises(DataError, match=r"array `y` .* characters that do not exist"):
        npz.scan(tmp_path / "a.npz", DataOptions("a.npz"))
    np.save(tmp_path / "y.npy", labels)
    with pytest.raises(DataError, match="characters that do not exist"):
        load_array(tmp_path / "y.npy")


def test_a_relation_without_channels_is_refused() -> None:
    with pytest.raises(DataError, match="no channel"):
        series_arff.parse(b"1,2,up", '{"columns": [], "relational": true}')


def test_endless_names_of_columns_are_cut_short(tmp_path: Path) -> None:
    lines = [f"a,{'x' * 5000},label", *["1,2,up", "3,4,down"] * 9]
    (tmp_path / "a.csv").write_text("\n".join(lines))
    source, _ = recognise(tmp_path / "a.csv")
    with pytest.raises(DataError) as error:
        source.scan(tmp_path / "a.csv", DataOptions("a.csv"))
    assert f"'{'x' * 60}…'" in str(error.value)


def test_an_archive_called_npy_is_told_apart(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.zeros(40))
    (tmp_path / "a.npz").rename(tmp_path / "a.npy")
    with pytest.raises(DataError, match="an archive of arrays"):
        series_file.peek(str(tmp_path / "a.npy"))


def test_an_archive_that_only_ends_like_one_is_not_understood(tmp_path: Path) -> None:
    end = b"PK\x05\x06" + bytes(4) + (9).to_bytes(2, "little") * 2 + bytes([255]) * 10
    (tmp_path / "data.bin").write_bytes(b"x" * 50 + end)
    with pytest.raises(DataError, match="not understood"):
        recognise(tmp_path / "data.bin")


def test_pages_in_a_circle_are_refused(tmp_path: Path) -> None:
    tifffile = pytest.importorskip("tifffile")
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, np.zeros((2, 9, 8), np.uint8), photometric="minisblack")
    with tifffile.TiffFile(path) as file:
        places = [page.offset for page in file.pages]
    content = bytearray(path.read_bytes())
    count = int.from_bytes(content[places[1] : places[1] + 2], "little")
    following = places[1] + 2 + 12 * count  # where the next directory is stated
    content[following : following + 4] = places[0].to_bytes(4, "little")
    path.write_bytes(content)
    with pytest.raises(DataError, match="lead back to each other"):
        volume.peek(str(path))


def test_quoted_series_of_any_length_are_read() -> None:
    member = '{"columns": [0], "relational": true}'
    long = ",".join(["1.5"] * 50_000)  # more characters than Python's parser takes
    series = series_arff.parse(f"'{long}\\n{long}',up".encode(), member)
    assert series.shape == (50_000, 2)


def test_a_carriage_return_within_a_line_is_no_crash() -> None:
    member = '{"columns": [0], "relational": true}'
    with pytest.raises(DataError, match="a number is needed"):
        series_arff.parse(b"'1,2\\n3\r,x4',up", member)


def test_padding_does_not_multiply_what_a_file_holds() -> None:
    channels = [np.zeros(10_000), *([np.zeros(0)] * 10_000)]
    with pytest.raises(DataError, match="10,001 channels"):
        side_by_side(channels)
