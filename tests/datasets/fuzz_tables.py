"""Small good tables, series, texts and arrays, for tests that spoil them."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.datasets.forms import noise
from tests.datasets.fuzz_seed import Seed, written


def _npy(array: NDArray[Any]) -> bytes:
    return written(lambda file: np.save(file, array))


def _zipped(**members: bytes) -> bytes:
    def write(file: io.BytesIO) -> None:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items():
                archive.writestr(f"{name}.npy", content)

    return written(write)


def series_seeds() -> list[Seed]:
    """Return series as `.ts`, `.arff` and `.tsv` files, tables and columns."""
    rows = [",".join(map(str, noise(i, 9))) for i in range(6)]
    labels = ["up", "down"] * 3
    pairs = list(zip(rows, labels, strict=True))
    ts = "@problemName a\n@timeStamps false\n@classLabel true up down\n@data\n"
    plain = ts + "".join(f"{row}:{row}:{label}\n" for row, label in pairs)
    stamps = "".join(f"(0,{i}),(1,2.5):{label}\n" for i, label in enumerate(labels))
    attributes = "".join(f"@attribute t{i} numeric\n" for i in range(9))
    classes = "@attribute class {up,down}\n@data\n"
    arff = "@relation a\n" + attributes + classes
    flat = arff + "".join(f"{row},{label}\n" for row, label in pairs)
    inner = "@relation a\n@attribute d relational\n" + attributes + "@end d\n" + classes
    nested = inner + "".join(f"'{row}\\n{row}',{label}\n" for row, label in pairs)
    tsv = "".join(
        f"{i % 2}\t" + row.replace(",", "\t") + "\n" for i, row in enumerate(rows)
    )
    names = ",".join(f"t{i}" for i in range(9))
    wide = f"{names},label\n" + "".join(f"{row},{label}\n" for row, label in pairs)
    long = "id,time,x,y,label\n" + "".join(
        f"s{i},{t},{t * i},{t}.5,{label}\n"
        for i, label in enumerate(labels)
        for t in range(4)
    )
    one = "time,x,y\n" + "".join(f"{t},{t * t},{t}.5\n" for t in range(12))
    texts = {
        "a.ts": (plain, ""),
        "stamped.ts": (ts.replace("false", "true") + stamps, ""),
        "a.arff": (flat, ""),
        "nested.arff": (nested, ""),
        "a.tsv": (tsv, ""),
        "wide.csv": (wide, ""),
        "long.csv": (long, ""),
        "semicolons.csv": (wide.replace(",", ";"), ""),
        "one.csv": (one, "series_file"),
        "one.txt": (one.replace(",", " ").partition("\n")[2], "series_file"),
    }
    return [Seed(n, text.encode(), medium) for n, (text, medium) in texts.items()]


def array_seeds() -> list[Seed]:
    """Return NumPy files: of one sample each, of many, and archives."""
    many, labels = _npy(noise(1, 6, 40).astype(np.float32)), _npy(np.arange(6) % 2)
    pictures = _npy(noise(1, 6, 9, 8))
    texts = _npy(np.array(["up", "down"] * 3))
    archive = _zipped(x=pictures, y=labels)
    return [
        Seed("one.npy", _npy(noise(1, 40).astype(np.float32)), "series_file"),
        Seed("volume.npy", _npy(noise(1, 7, 6, 5)), "volume"),
        Seed("volume.npz", _npy(noise(1, 7, 6, 5)), "volume", lambda c: _zipped(x=c)),
        Seed("x.npy", many, beside={"y.npy": labels}),
        Seed("y.npy", labels, beside={"x.npy": many}, opened="x.npy"),
        Seed("a.npz", archive),
        Seed("a.npz", pictures, pack=lambda content: _zipped(x=content, y=labels)),
        Seed("a.npz", texts, pack=lambda content: _zipped(x=pictures, y=content)),
        Seed("a.npz", texts, pack=lambda c: _zipped(x=many, y=labels, classes=c)),
    ]


def text_seeds() -> list[Seed]:
    """Return texts, in a table and in a file of their own."""
    words = ("red", "green", "blue", "grey", "pink")
    texts = [" ".join(words[v % 5] for v in noise(i, 12)) for i in range(6)]
    rows = [
        f'"{text}, {i}",{"good" if i % 2 else "bad"}' for i, text in enumerate(texts)
    ]
    table = "\r\n".join(["text,label", *rows]).encode()
    tabbed = table.replace(b'"', b"").replace(b",g", b"\tg").replace(b",b", b"\tb")
    return [
        Seed("a.csv", table),
        Seed("utf16.csv", table.decode().encode("utf-16")),
        Seed("a.tsv", tabbed.replace(b"text,", b"text\t")),
        Seed("a.txt", texts[0].encode(), "text"),
        Seed("utf16.txt", texts[0].encode("utf-16"), "text"),
    ]


def manifest_seeds() -> list[Seed]:
    """Return tables of paths, with the pictures that they list."""
    pictures = {
        f"{i}.png": written(
            lambda file, i=i: Image.fromarray(noise(i, 9, 8)).save(file, "PNG")  # type: ignore[misc]
        )
        for i in range(6)
    }
    rows = [f"{name},{'ab'[i % 2]},p{i}" for i, name in enumerate(pictures)]
    splits = ["train", "train", "val", "val", "test", "test"]
    plain = "\n".join(["path,label,patient", *rows])
    split = [f"{row},{word}" for row, word in zip(rows, splits, strict=True)]
    split_table = "\n".join(["path,label,patient,split", *split])
    return [
        Seed("labels.csv", plain.encode(), beside=pictures),
        Seed("labels.tsv", split_table.replace(",", "\t").encode(), beside=pictures),
    ]
