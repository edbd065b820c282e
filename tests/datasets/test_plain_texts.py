"""Texts, and tables of texts, in files without an ending."""

from __future__ import annotations

from pathlib import Path

import pytest

from automl_datasets.inspection import inspect
from automl_datasets.media import text
from automl_datasets.options import DataOptions
from automl_datasets.preparation import prepare
from automl_datasets.sources.registry import recognise
from tests.datasets.forms import write_png, write_text

MESSAGES = "".join(
    f'{"spam" if i % 3 else "ham"}\tmessage {i} "for you and me\n' for i in range(30)
)


def write_groups(root: Path) -> Path:
    for group in ("comp.graphics", "alt.atheism"):
        (root / group).mkdir(parents=True)
        for i in range(8):
            write_text(root / group / str(50_000 + i), i)
    return root


def test_class_folders_of_files_without_an_ending(tmp_path: Path) -> None:
    root = write_groups(tmp_path / "news")
    for name in ("README", "LICENSE", "Makefile"):
        (root / name).write_text("About the news")
    (root / "comp.graphics" / "60000").write_bytes("Größe für dich".encode("cp1252"))
    (root / "comp.graphics" / "60001").write_bytes(b"\x7fELF\0\0 binary")
    data = prepare(DataOptions(str(root)), tmp_path / "out")
    assert data.spec.kind == "text"
    assert data.spec.classes == ("alt.atheism", "comp.graphics")
    names = [n for s in ("train", "val", "test") for n in data.split(s).names]
    assert len(names) == 17
    assert "comp.graphics/60000" in names
    skipped = {name for name, _ in data.profile.skipped}
    assert skipped == {"README", "LICENSE", "Makefile", "comp.graphics/60001"}


@pytest.mark.parametrize(
    ("name", "content", "accepted"),
    [
        ("50001", b"From: me\nSubject: you\n", True),
        ("50001", "für dich".encode(), True),
        ("50001", "für dich".encode("cp1252"), True),
        ("50001", b"Name\tvalue\nin one line", True),
        ("50001", b"ham\tHello\nspam\tWin\nham\tyou", False),
        ("50001", b"zero\0byte", False),
        ("50001", b"\x80\x04\x95 pickled", False),
        ("50001", b"1 2 3\n4 5 6\n", False),
        ("50001", b"", False),
        ("50001", b"1.2e-03 4.105", False),
        ("README", b"About it", False),
        ("README.2", b"About it", False),
        ("readme", b"About it", False),
        ("Makefile", b"all:\n", False),
        ("text.log", b"From: me", False),
        ("ls.1", b"From: me", True),
        ("12.", b"From: me", True),
        ("00001.7c53336b37003a9286aba55d2945844c", b"From: me", True),
        ("00001.7c53336b", b"From: me", False),
        ("lib.so.1", b"\x7fELF\0\0", False),
        ("1.2.840.10008.1", bytes(128) + b"DICM", False),
        (".hidden", b"From: me", False),
        ("n02085620_7", b"<annotation>\n<folder>02085620</folder>", False),
    ],
)
def test_what_is_a_text(
    tmp_path: Path, name: str, content: bytes, accepted: bool
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert text.accepts(path) is accepted


def test_what_is_no_file_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "dead").symlink_to(tmp_path / "nowhere")
    assert not any(map(text.accepts, [*tmp_path.iterdir(), tmp_path / "absent"]))


def test_images_without_an_ending_stay_images(tmp_path: Path) -> None:
    for name in ("cat", "dog"):
        (tmp_path / name).mkdir()
        for i in range(4):
            write_png(tmp_path / "a.png", i)
            (tmp_path / "a.png").rename(tmp_path / name / str(i))
    assert inspect(DataOptions(str(tmp_path))).kind == "image"


@pytest.mark.parametrize("given", [".", "SMSSpamCollection"])
def test_tables_with_tabs(tmp_path: Path, given: str) -> None:
    (tmp_path / "SMSSpamCollection").write_text(MESSAGES)
    (tmp_path / "readme").write_text("About the messages\nand more\n")
    found = inspect(DataOptions(str(tmp_path / given)))
    assert (found.kind, found.classes) == ("text", ("ham", "spam"))
    assert sum(found.samples.values()) == 30


def test_texts_without_tabs_are_no_tables(tmp_path: Path) -> None:
    root = write_groups(tmp_path / "news")
    assert recognise(root)[0].NAME == "class folders"
    (tmp_path / "commas").write_text(MESSAGES.replace("\t", ","))
    with pytest.raises(ValueError, match="one text file"):
        recognise(tmp_path / "commas")
