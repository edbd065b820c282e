"""Seeded, realistic runs to draw: made up, but of the shape real runs have."""

from __future__ import annotations

import math
import random
from dataclasses import replace

from automl_reports.data_summary import DataSummary
from automl_reports.model_detail import ModelDetail
from automl_reports.rows import ExportRow, RunReport, TrialRow

FAMILIES = ("resnet", "plain", "densenet", "vgg")
NUM_TEST = 1000
HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "\"'`${alert(1)}&lt;b&gt;",
    "[bold red]rich[/] [link=x]",
    '=HYPERLINK("x")',
    "\udcff\u2028\x1b[31mred\x07",
)


def make_report(
    num_trials: int = 30,
    *,
    num_classes: int = 10,
    num_models: int = 3,
    seed: int = 0,
    state: str = "finished",
) -> RunReport:
    """Return a run of which one tenth was stopped and a few failed or were skipped."""
    chance = random.Random(seed)
    rows = [_trial(number, num_trials, chance) for number in range(num_trials)]
    rows = _ranked(rows, num_models if state == "finished" else 0)
    classes = tuple(f"class {number}" for number in range(num_classes))
    counts = {
        split: tuple(chance.randint(size // 2, size) for _ in classes)
        for split, size in (("train", 500), ("val", 100), ("test", 100))
    }
    models = tuple(
        make_detail(row.trial, counts["test"], chance)
        for row in rows
        if row.test_score is not None
    )
    report = RunReport(
        name="garden-birds",
        state=state,
        task="classification",
        objective="val_accuracy",
        direction="max",
        seconds=1632.0,
        workers=2,
        created="2026-11-21T23:04:05+00:00",
        trials=tuple(rows),
        data=_data(classes, counts),
        command="automl search --data images/ --budget 30m --seed 7",
        reproduce=(("Seed", "7"), ("Keras", "3.15.1"), ("Stopped by", "budget")),
    )
    return _with_verdict(report, models) if models else report


def make_detail(
    trial: str, support: tuple[int, ...], chance: random.Random
) -> ModelDetail:
    """Return a confusion matrix of about 92 % and what follows from it."""
    size = len(support)
    matrix = [[0] * size for _ in range(size)]
    for true, number in enumerate(support):
        for _ in range(number):
            wrong = chance.random() > 0.92
            guess = (true + chance.choice((1, 1, 1, 2, 5))) % size if wrong else true
            matrix[true][guess] += 1
    right = [matrix[i][i] for i in range(size)]
    taken = [sum(row[i] for row in matrix) for i in range(size)]
    precision = tuple(r / t if t else None for r, t in zip(right, taken, strict=True))
    recall = tuple(r / n for r, n in zip(right, support, strict=True))
    f1 = tuple(
        2 * p * r / (p + r) if p and r else None
        for p, r in zip(precision, recall, strict=True)
    )
    return ModelDetail(
        trial=trial,
        confusion=tuple(tuple(row) for row in matrix),
        precision=precision,
        recall=recall,
        f1=f1,
        support=support,
    )


def make_hostile(report: RunReport) -> RunReport:
    """Return the same run with hostile text wherever a text can come from outside."""
    names = report.data.classes
    classes = tuple(HOSTILE[i % len(HOSTILE)] + str(i) for i in range(len(names)))
    trials = tuple(
        replace(
            row,
            architecture=HOSTILE[place % len(HOSTILE)],
            origin=HOSTILE[(place + 1) % len(HOSTILE)],
            reason=HOSTILE[(place + 2) % len(HOSTILE)],
            optimizer=HOSTILE[(place + 3) % len(HOSTILE)],
            hyperparameters={HOSTILE[0]: HOSTILE[1], HOSTILE[2]: HOSTILE[3]},
        )
        for place, row in enumerate(report.trials)
    )
    data = replace(
        report.data,
        source=HOSTILE[0],
        classes=classes,
        notes=HOSTILE,
        skipped=tuple((text, text) for text in HOSTILE),
        num_skipped=len(HOSTILE),
    )
    return replace(
        report,
        name=HOSTILE[1],
        trials=trials,
        data=data,
        verdict=HOSTILE[0],
        warnings=HOSTILE,
        commands=HOSTILE,
        command=HOSTILE[1],
        reproduce=((HOSTILE[0], HOSTILE[1]),),
    )


def all_failed(num_trials: int = 6) -> RunReport:
    """Return a run in which no trial succeeded."""
    report = make_report(num_trials, num_models=0)
    trials = tuple(
        TrialRow(
            trial=row.trial,
            status="failed",
            architecture=row.architecture,
            origin=row.origin,
            reason="Loss became NaN at epoch 2 (learning_rate=0.0965)",
            epochs=1,
            history=({"epoch": 1, "loss": math.nan, "val_accuracy": math.nan},),
        )
        for row in report.trials
    )
    return replace(report, state="failed", trials=trials)


def _data(classes: tuple[str, ...], counts: dict[str, tuple[int, ...]]) -> DataSummary:
    return DataSummary(
        source="images/",
        kind="image",
        shape=(32, 32, 3),
        classes=classes,
        counts=counts,
        notes=("Split 80/10/10, stratified, seed 7.", "Resized to 32x32."),
        skipped=(("images/cat/broken.jpg", "truncated after 12 bytes"),),
        num_skipped=1,
        duplicates_across_splits=3,
    )


def _with_verdict(report: RunReport, models: tuple[ModelDetail, ...]) -> RunReport:
    best = models[0].trial
    score = next(row.test_score for row in report.trials if row.trial == best)
    return replace(
        report,
        verdict="Fastest of the 2 models whose test results are tied.",
        baseline_score=0.112,
        models=models,
        exports=tuple(
            ExportRow(form, path, 0.42, score or 0.0, 3.1e-7)
            for form, path in (
                ("savedmodel", "best/saved_model"),
                ("keras", "best/model.keras"),
            )
        ),
        commands=(
            "automl predict runs/garden-birds photo.jpg",
            "automl evaluate runs/garden-birds --data more/",
            f"automl export runs/garden-birds --trial {best} --format onnx",
        ),
        warnings=('Class "class 7" has only 9 test images.',),
    )


def _trial(number: int, num_trials: int, chance: random.Random) -> TrialRow:
    landmark = {0: "LeNet-5", 1: "ResNet-8"}.get(number)
    family = chance.choice(FAMILIES)
    filters = chance.choice((8, 16, 32, 64))
    params = int(10 ** chance.uniform(3.8, 6.6))
    row = TrialRow(
        trial=f"{number:04}",
        status="completed",
        architecture=f"{family} 3x[2xconv3-{filters}...{4 * filters}] gap",
        origin=landmark or "hyperband",
        params=params,
        macs=params * 95,
        size_mb=params * 4e-6,
        latency_ms=0.3 + params / 6e5 * chance.uniform(0.6, 1.6),
        latency_p95_ms=0.5 + params / 4e5,
        optimizer=chance.choice(("adam", "sgd", "adamw")),
        learning_rate=10 ** chance.uniform(-5, -1),
        hyperparameters={f"parameter_{i}": round(chance.random(), 5) for i in range(20)}
        | {"family": family, "filters": filters},
        worker=number % 2,
        started_seconds=16.0 * number,
        ended_seconds=16.0 * number + 30,
        landmark=landmark is not None,
    )
    return _outcome(row, number, num_trials, chance)


def _outcome(
    row: TrialRow, number: int, num_trials: int, chance: random.Random
) -> TrialRow:
    kind = chance.random() if number > 1 and num_trials > 3 else 1.0
    if kind < 0.03:
        return replace(
            row, status="skipped", reason="repeats 0003", latency_ms=None, macs=None
        )
    epochs = 2 if kind < 0.08 else 10 if kind < 0.2 else 30
    top = 0.95 - abs(chance.gauss(0, 0.05))
    history = tuple(_epoch(epoch, top, chance) for epoch in range(1, epochs + 1))
    row = replace(row, epochs=epochs, history=history, train_seconds=0.9 * epochs)
    if kind < 0.08:
        return replace(
            row, status="failed", reason="Out of memory: needs 14.2 GiB, limit 8 GiB"
        )
    scores = [epoch["val_accuracy"] for epoch in history]
    best = max(scores)
    status, reason = ("stopped", "rung 1 of 3") if kind < 0.2 else ("completed", "")
    return replace(
        row,
        status=status,
        reason=reason,
        val_score=best,
        val_interval=(best - 0.012, best + 0.01),
        best_epoch=1 + scores.index(best),
    )


def _epoch(epoch: int, top: float, chance: random.Random) -> dict[str, float]:
    value = top * (1 - 0.8 * math.exp(-epoch / 5)) + chance.gauss(0, 0.004)
    return {
        "epoch": epoch,
        "loss": 2.3 * math.exp(-epoch / 6),
        "val_loss": 2.4 * math.exp(-epoch / 7) + 0.1,
        "accuracy": min(1.0, value + 0.02),
        "val_accuracy": value,
    }


def _ranked(rows: list[TrialRow], num_models: int) -> list[TrialRow]:
    scored = sorted(
        (row for row in rows if row.val_score is not None),
        key=lambda row: (row.status != "completed", -(row.val_score or 0)),
    )
    ranked = []
    for place, row in enumerate(scored):
        row = replace(row, rank=place + 1)
        if place < num_models and row.status == "completed":
            test = (row.val_score or 0) - 0.006
            row = replace(
                row,
                test_score=test,
                test_interval=(test - 0.016, test + 0.013),
                tied=place < 2,
                recommended=place == 0,
                seeds=2,
            )
        ranked.append(row)
    return ranked + [row for row in rows if row.val_score is None]
