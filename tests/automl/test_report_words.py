"""Why a model was chosen, and what it takes to do it again, in words."""

from automl.report_words import reproduce, verdict
from automl_reports.figures import GAP
from automl_reports.rows import TrialRow

CHOSEN = TrialRow("0001", "completed", "plain", "random", recommended=True)


def selected(trainings: dict[str, str], tied: tuple[str, ...]) -> dict[str, object]:
    return {"trainings": trainings, "tied": tied, "best": "0001"}


def test_a_lone_finalist_is_not_called_the_best_of_one() -> None:
    text = verdict([CHOSEN], selected({"0001": "search"}, ("0001",)))
    assert text == "The only network that was trained far enough to be a finalist."


def test_a_lone_finalist_of_a_front_is_not_said_to_be_the_only_one_trained() -> None:
    text = verdict([CHOSEN], selected({"0001": "search"}, ("0001",)), ["latency_ms"])
    assert text == "The only network on the front among the better half by score."


def test_a_winner_of_several_says_how_many_tied() -> None:
    trainings = {"0001": "final", "0002": "final", "0003": "final"}
    text = verdict([CHOSEN], selected(trainings, ("0001", "0002")))
    assert text.startswith("Best validation score of the 3 finalists. 1 of them tied")


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
    assert pairs["budget kept for the shortlist"] == f"45.0{GAP}%"
    assert pairs["time kept for export and report"] == f"15.4{GAP}s"
    assert not any("{" in text or "None" in text for text in pairs.values())
    assert "a trial is stopped as stalled after" not in pairs
