"""Made-up explanations of models, of every kind of sample."""

from __future__ import annotations

from dataclasses import replace

from automl_reports.explanation import (
    Calibration,
    CalibrationBin,
    DataExample,
    Example,
    Explanation,
    FeatureMaps,
    LayerRow,
    Panel,
    SampleView,
)
from automl_reports.rows import RunReport

PIXEL = "data:image/webp;base64,UklGRhYAAABXRUJQVlA4TAoAAAAvAAAAAEX/I/of"
KINDS = ("image", "series", "audio", "text", "volume", "video")


def residual_rows(blocks: int, *, rank: int = 2) -> tuple[LayerRow, ...]:
    """Return a stem, so many equal residual blocks, pooling and a dense layer."""
    space = (8,) * rank
    shape = (*space, 16)
    rows = [
        LayerRow("input", "InputLayer", (*space, 3), 0, 0, ()),
        LayerRow("scale", "Rescaling", (*space, 3), 0, 0, ("input",)),
        _convolution("stem", "scale", rank),
        LayerRow("stem_bn", "BatchNormalization", shape, 64, 0, ("stem",)),
        _activation("last0", "stem_bn", shape),
    ]
    for number in range(blocks):
        before, conv, norm = f"last{number}", f"conv{number}", f"bn{number}"
        rows += [
            _convolution(conv, before, rank),
            LayerRow(norm, "BatchNormalization", shape, 64, 0, (conv,)),
            LayerRow(f"add{number}", "Add", shape, 0, 0, (before, norm)),
            _activation(f"last{number + 1}", f"add{number}", shape),
        ]
    kind = f"GlobalAveragePooling{rank}D"
    pooled = LayerRow("pool", kind, (16,), 0, 0, (f"last{blocks}",))
    dense = LayerRow("dense", "Dense", (3,), 51, 48, ("pool",), activation="softmax")
    return (*rows, pooled, dense)


def _convolution(name: str, source: str, rank: int) -> LayerRow:
    kernel = (3,) * rank
    return LayerRow(
        name, f"Conv{rank}D", (*(8,) * rank, 16), 2304, 147456, (source,),
        kernel, (1,) * rank,
    )  # fmt: skip


def _activation(name: str, source: str, shape: tuple[int, ...]) -> LayerRow:
    return LayerRow(name, "Activation", shape, 0, 0, (source,), activation="relu")


def make_view(kind: str, name: str = "sample.x", *, heat: bool = True) -> SampleView:
    """Return a sample of a kind."""
    strengths = (0.1, 0.9, 0.4) if heat else ()
    if kind == "series":
        lines = ((0.0, 1.5, None, 2.0), (1.0, None, 0.5, 0.0))
        return SampleView(name, lines=lines, heat=strengths)
    if kind == "text":
        return SampleView(name, words=("why", "is", "<b>it</b>"), heat=strengths)
    number = {"volume": 3, "video": 4}.get(kind, 1)
    panel = Panel(PIXEL, 96, 64, PIXEL if heat else "", "a part")
    return SampleView(name, panels=(panel,) * number)


def make_explanation(kind: str, task: str, *, mistakes: int = 12) -> Explanation:
    """Return a network of five residual blocks and what it made of some samples."""
    rank = {"volume": 3, "video": 3, "image": 2, "audio": 2}.get(kind, 1)
    panel = Panel(PIXEL, 388, 97)
    return Explanation(
        layers=residual_rows(5, rank=rank),
        mistakes=tuple(_example(kind, task, right=False) for _ in range(mistakes)),
        hits=tuple(_example(kind, task, right=True) for _ in range(4)),
        looked_at="last5",
        feature_maps=(FeatureMaps("stem", (*(8,) * rank, 16), panel, 16),),
        sample="sample.x",
    )


def _example(kind: str, task: str, *, right: bool) -> Example:
    view = make_view(kind)
    if task == "regression":
        return Example(view, 1, 1.25, 1.25 if right else 7.5)
    if task == "multilabel":
        return Example(view, 1, 1.0 if right else 0.0, 1.0, 0.93)
    return Example(view, 1, 1 if right else 0, 1, 0.984)


def explained(report: RunReport, **changes: int) -> RunReport:
    """Return a report whose models are explained and whose data is shown."""
    kind, task = report.data.kind, report.task
    bins = (
        CalibrationBin(0.5, 0.6, 20, 0.55, 0.4),
        CalibrationBin(0.9, 1.0, 80, 0.97, 0.99),
    )
    models = tuple(
        replace(
            model,
            explanation=make_explanation(kind, task, **changes),
            calibration=None if task == "regression" else Calibration(bins, 0.046),
        )
        for model in report.models
    )
    examples = tuple(
        DataExample(split, "a class", make_view(kind, heat=False))
        for split in ("train", "val", "test")
        for _ in range(4)
    )
    return replace(report, models=models, data=replace(report.data, examples=examples))
