"""Why a model was chosen, and what it takes to do it again, in words."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from automl.report_words import commands, reproduce, verdict
from automl.run.directory import FINISHED
from automl.run.trial import REFIT
from automl_reports.figures import GAP
from automl_reports.rows import TrialRow

CHOSEN = TrialRow("0001", "completed", "plain", "random", recommended=True)


def selected(trainings: dict[str, str], tied: tuple[str, ...]) -> dict[str, object]:
    return {"trainings": trainings, "tied": tied, "best": "0001"}


def test_a_lone_finalist_is_not_called_the_best_of_one() -> None:
    text = verdict([CHOSEN], selected({"0001": "search"}, ("0001",)))
    assert text == "The only network that was trained far enough to be a finalist."


def test_a_refit_is_told_with_its_length() -> None:
    row = replace(CHOSEN, refit_epochs=12)
    text = verdict([row], selected({"0001": REFIT}, ("0001",)))
    assert "validation samples together for 12 epochs, as data is scarce" in text


def test_a_lone_finalist_of_a_front_is_not_said_to_be_the_only_one_trained() -> None:
    text = verdict([CHOSEN], selected({"0001": "search"}, ("0001",)), ["latency_ms"])
    assert text == "The only network on the front among the better half by score."


def test_a_winner_of_several_says_how_many_tied() -> None:
    trainings = {"0001": "final", "0002": "final", "0003": "final"}
    text = verdict([CHOSEN], selected(trainings, ("0001", "0002")))
    assert text.startswith("Best validation score of the 3 finalists. 1 of them tied")


def test_the_cheapest_of_the_near_is_not_said_to_be_that_of_the_tied() -> None:
    trainings = {"0001": "final", "0002": "final", "0003": "final"}
    chosen = selected(trainings, ("0001", "0002", "0003"))
    chosen |= {"best": "0002", "near": ["0001", "0002"]}
    text = verdict([CHOSEN], chosen)
    assert "of the 2 finalists within one standard error" in text
    assert text.endswith("#0002 scored best.")
    del chosen["near"]  # as older runs
    assert "of the finalists within" in verdict([CHOSEN], chosen)


def test_finalists_without_all_folds_are_not_counted_as_compared() -> None:
    trainings = {f"000{n}": "final" for n in range(1, 6)}
    chosen = selected(trainings, ("0001",)) | {"by_folds": True}
    several = verdict([CHOSEN], chosen | {"compared": ["0001", "0002", "0003"]})
    assert several == (
        "Best cross-validated score of the 3 of 5 finalists that were trained on every "
        "fold."
    )
    one = verdict([CHOSEN], chosen | {"compared": ["0001"]})
    assert one == "The only one of 5 finalists that was trained on every fold."


def test_it_is_said_how_many_the_finalists_were_taken_from() -> None:
    trainings = {f"000{n}": "final" for n in range(1, 4)}
    chosen = selected(trainings, ("0001",)) | {"by_folds": True, "cross_validated": 8}
    text = verdict([CHOSEN], chosen)
    assert text == "Best cross-validated score of the 3 finalists, out of 8 networks."
    few = verdict([CHOSEN], chosen | {"cross_validated": 3})
    assert few == "Best cross-validated score of the 3 finalists."


def test_decisions_are_told_in_words_with_units() -> None:
    plan = {
        "max_epochs": 33,
        "max_training_macs": 33_554_432,
        "pace": {"overhead": 0.778, "compute": 0.95, "latency": None},
        "folds": None,
        "refits": True,
        "final_share": 0.45,
        "export_seconds": 15.392377819166844,
        "trial_seconds": None,
    }
    pairs = dict(reproduce({"request": {"seed": 7}, "plan": plan}))
    assert pairs["seed"] == "7"
    assert pairs["epochs of a full training"] == "33"
    assert pairs["MACs of a network at most"] == f"33.6{GAP}M"
    assert pairs["winner trained again with validation samples"] == "yes"
    assert pairs["budget kept for the shortlist, at most"] == f"45.0{GAP}%"
    assert pairs["time kept for export and report"] == f"15.4{GAP}s"
    assert not any("{" in text or "None" in text for text in pairs.values())
    assert "a trial is stopped as stalled after" not in pairs


def finished(**fields: object) -> dict[str, Any]:
    return {"state": FINISHED, "request": {"space": "auto"}, **fields}


def test_a_model_that_is_exported_can_be_used_at_once() -> None:
    told = commands(Path("runs/a b"), finished(exports=[{"format": "keras"}]))
    assert told == (
        "automl predict 'runs/a b' FILE",
        "automl evaluate 'runs/a b' --data PATH",
        "automl export 'runs/a b' --format savedmodel,keras --out FOLDER",
        "automl serve 'runs/a b'",
    )


@pytest.mark.parametrize(
    ("failed", "name"),
    [
        ((), "savedmodel"),
        (("savedmodel", "keras"), "onnx"),
        (("savedmodel", "keras", "onnx", "litert"), "savedmodel"),
    ],
)
def test_a_model_without_an_export_is_exported_first(
    failed: tuple[str, ...], name: str
) -> None:
    failures = [{"format": tried, "reason": "too large"} for tried in failed]
    told = commands(Path("runs/a"), finished(exports=[], failed_exports=failures))
    assert told[0] == f"automl export runs/a --format {name}"
    assert [command.split()[1] for command in told[1:]] == [
        "predict",
        "evaluate",
        "serve",
    ]


def test_a_space_that_is_code_is_named_where_it_would_be_executed() -> None:
    values = finished(exports=[{"format": "keras"}], request={"space": "my net.py"})
    export = commands(Path("runs/a"), values)[2]
    assert export.startswith("automl export runs/a --space 'my net.py' --format ")
