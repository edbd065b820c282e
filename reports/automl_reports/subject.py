"""The words for what is predicted, from what: tasks, samples and their preparation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from automl_reports.data_summary import DataSummary
from automl_reports.figures import GAP, figure, is_number
from automl_reports.rows import RunReport

TIMES = "\N{MULTIPLICATION SIGN}"
MULTILABEL = "multilabel"
REGRESSION = "regression"

#: What many samples of a kind are called.
SAMPLES = {
    "image": "images",
    "series": "series",
    "audio": "sounds",
    "text": "texts",
    "volume": "volumes",
    "video": "videos",
}
#: What the splits are called, in order.
SPLITS = {"train": "Training", "val": "Validation", "test": "Test"}
TASKS = {"multilabel": "multi-label classification"}
_BASELINES = {
    "classification": "Always guessing the largest class",
    "multilabel": "Always giving each label its share",
    "regression": "Always answering with the mean",
}
#: Where another constant answer is better than that of the task.
_BASELINES_OF_METRICS = {
    ("multilabel", "accuracy"): "Always giving the most frequent set of labels",
    ("multilabel", "f1"): "Always giving every label that occurs",
    ("regression", "mae"): "Always answering with the median",
}
_RECORD = {
    "length": "Steps of a series",
    "sample_rate": "Sample rate",
    "samples": "Samples of a sound",
    "vocabulary": "Vocabulary",
    "split": "Texts are divided by",
    "standardize": "Texts are first",
    "tokens": "Tokens of a text",
    "spacing": "Distance between voxels",
    "window": "Intensities are clipped to",
    "frames": "Frames of a video",
    "fit": "To one size",
}
_STANDARDIZED = {
    "lower_and_strip_punctuation": "put in lower case, without punctuation"
}


def task_words(task: str) -> str:
    """Return for example `multi-label classification`."""
    return TASKS.get(task, task)


def outcome_words(report: RunReport) -> str:
    """Return what is to be told of a sample, for example `10 classes`."""
    data = report.data
    if report.task == REGRESSION:
        names = data.targets
        return names[0] if len(names) == 1 else counted(len(names), "target")
    noun = "label" if report.task == MULTILABEL else "class"
    return counted(len(data.classes), noun)


def baseline_words(objective: str, task: str) -> str:
    """Return what the trivial baseline does: the best without an input.

    Example:
        >>> baseline_words("val_rmse", "regression")
        'Always answering with the mean'
        >>> baseline_words("val_mae", "regression")
        'Always answering with the median'
        >>> baseline_words("val_f1", "multilabel")
        'Always giving every label that occurs'
    """
    words = _BASELINES.get(task, "The trivial baseline")
    return _BASELINES_OF_METRICS.get((task, objective.removeprefix("val_")), words)


def sample_words(kind: str, number: int) -> str:
    """Return what so many samples of a kind are called."""
    plural = SAMPLES.get(kind, "samples")
    return plural if number != 1 or kind == "series" else plural.removesuffix("s")


def num_samples(data: DataSummary, split: str) -> int:
    """Return the number of samples of a split."""
    if split in data.totals:
        return data.totals[split]
    return sum(data.counts.get(split, ()))


def split_sizes(data: DataSummary) -> dict[str, int]:
    """Return the number of samples of every split, in the order of `SPLITS`."""
    return {name: num_samples(data, name) for name in SPLITS}


def shape_words(data: DataSummary) -> str:
    """Return the shape of a prepared sample in the words of its kind.

    Example:
        >>> shape_words(DataSummary("a", "series", (128, 3), (), {}))
        '128 steps, 3 channels'
        >>> shape_words(DataSummary("a", "text", (30, 1), (), {}))
        '30 tokens'
    """
    if not data.shape:
        return ""
    *size, channels = data.shape
    area = TIMES.join(map(str, size))
    if data.kind == "text":
        return counted(size[0], "token")
    if data.kind == "audio":
        return _sound_words(data, size[0])
    told = {
        "image": f"{area} pixels",
        "series": counted(size[0], "step"),
        "volume": f"{area} voxels",
        "video": f"{counted(size[0], 'frame')} of {TIMES.join(map(str, size[1:]))} "
        "pixels",
    }
    return f"{told.get(data.kind, area)}, {counted(channels, 'channel')}"


def _sound_words(data: DataSummary, samples: int) -> str:
    rate = data.preprocessing.get("sample_rate")
    if not is_number(rate) or rate <= 0:
        return counted(samples, "sample")
    return f"{figure(samples / rate)}{GAP}s at {grouped(rate)}{GAP}Hz"


def preparation(data: DataSummary) -> list[tuple[str, str]]:
    """Return how a file becomes a sample, as pairs of a name and a value.

    Of a vocabulary only its size is told: its words come from people's texts.
    """
    pairs = []
    for name, value in data.preprocessing.items():
        text = _record_text(name, value)
        if text:
            pairs.append((_RECORD.get(name, name.replace("_", " ")), text))
    return pairs


def _record_text(name: str, value: Any) -> str:
    if name == "vocabulary":
        return counted(len(value), "word")
    if name == "sample_rate" and is_number(value):
        return f"{grouped(value)}{GAP}Hz"
    if name == "window" and value:
        return " to ".join(figure(edge) for edge in value)
    if name == "spacing":
        return f"{_joined(value)}{GAP}mm" if value else "not stated by the files"
    if name == "standardize":
        return _STANDARDIZED.get(str(value), str(value))
    return _plain(value)


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if is_number(value):
        return grouped(value) if value == int(value) else figure(value)
    if isinstance(value, Mapping):
        return f"{len(value)} values"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return _joined(value) if len(value) <= 4 else f"{len(value)} values"
    return str(value)


def _joined(values: Sequence[Any]) -> str:
    return f" {TIMES} ".join(figure(v) if is_number(v) else str(v) for v in values)


def grouped(number: float) -> str:
    """Return a whole number with its thousands set apart.

    Example:
        >>> grouped(16000).replace(GAP, " "), grouped(832)
        ('16 000', '832')
    """
    return f"{int(number):,}".replace(",", GAP)


def counted(number: int, noun: str) -> str:
    """Return a count with its noun.

    Example:
        >>> counted(1, "worker"), counted(2, "class")
        ('1 worker', '2 classes')
    """
    plural = f"{noun}es" if noun.endswith("s") else f"{noun}s"
    return f"{grouped(number)} {noun if number == 1 else plural}"
