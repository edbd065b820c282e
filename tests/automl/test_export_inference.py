"""Predictions of files and tables, and scores on labelled data, for every task."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from automl.cli import main
from automl.export.predictor import Predictor, load_predictor
from automl.export.savedmodel import export_savedmodel
from automl.inference import (
    ClassPrediction,
    LabelsPrediction,
    ValuesPrediction,
    evaluate,
    predict_arrays,
    predict_files,
)
from automl.run.request import SearchRequest
from automl_datasets.errors import DataError
from automl_datasets.spec import DataSpec
from tests.automl.tiny_models import (
    RECORDS,
    fitted,
    indices_of,
    network_of,
    spec_of,
)


def exported(spec: DataSpec, folder: Path) -> Predictor:
    export_savedmodel(network_of(spec), spec, folder / "saved_model")
    return load_predictor(folder / "saved_model")


def image(path: Path) -> np.ndarray:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(len(str(path))).integers(0, 256, (9, 7, 3))
    Image.fromarray(pixels.astype(np.uint8)).save(path)
    return pixels.astype(np.uint8)


def test_a_prediction_for_each_task(tmp_path: Path) -> None:
    pixels = image(tmp_path / "a.png")
    said = {}
    for task in ("classification", "multilabel", "regression"):
        spec = spec_of("image", task)
        predictor = exported(spec, tmp_path / task)
        (said[task],) = predict_files(predictor, [tmp_path / "a.png"])
        expected = network_of(spec).predict(pixels[None], verbose=0)[0]
        found = said[task]
        names = spec.classes or spec.targets
        if isinstance(found, ValuesPrediction):
            assert list(found.values) == list(names)
            np.testing.assert_allclose(list(found.values.values()), expected, rtol=1e-4)
            continue
        assert list(found.probabilities) == list(names)
        np.testing.assert_allclose(
            list(found.probabilities.values()), expected, atol=1e-5
        )
        if isinstance(found, LabelsPrediction):
            assert found.labels == [
                name
                for name, value in zip(names, expected, strict=True)
                if value >= 0.5
            ]
        else:
            assert found.label == names[expected.argmax()]
    assert isinstance(said["classification"], ClassPrediction)
    assert isinstance(said["multilabel"], LabelsPrediction)
    assert str(said["classification"]).startswith(f"{tmp_path / 'a.png'}\t")
    assert str(said["regression"]).count(", ") == 1


def test_a_table_has_a_column_for_every_number(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    row = ClassPrediction("a, b.png", "x", 0.75, {"x": 0.75, "score": 0.25})
    monkeypatch.setattr("automl.export.predictor.load_predictor", lambda _: None)
    told = []
    for rows in ([row, row], []):
        monkeypatch.setattr(
            "automl.inference.predict_files", lambda *_, rows=rows, **__: rows
        )
        with pytest.raises(SystemExit):
            main(["predict", "model.keras", "images", "--csv"])
        told.append(capsys.readouterr().out.splitlines())
    assert told[0] == [
        "file,label,score,probability x,probability score",
        '"a, b.png",x,0.75,0.75,0.25',
        '"a, b.png",x,0.75,0.75,0.25',
    ]
    assert told[1] == []


def test_cells_are_named_apart() -> None:
    labels = LabelsPrediction("a", ["x", "y"], {"x": 0.75, "y": 0.5})
    assert labels.cells()["labels"] == "x|y"
    assert ValuesPrediction("a", {"file": 2.0}).cells() == {
        "file": "a",
        "value file": 2.0,
    }


def test_labels_are_written_with_their_probabilities() -> None:
    some = LabelsPrediction("a.png", ["x"], {"x": 0.75, "y": 0.25})
    assert str(some) == "a.png\tx 0.7500"
    assert str(LabelsPrediction("a.png", [], {"x": 0.1})) == "a.png\tno label"


def test_a_table_of_texts_gives_a_prediction_a_row(tmp_path: Path) -> None:
    spec = spec_of("text", "classification")
    predictor = exported(spec, tmp_path)
    table = tmp_path / "reviews.csv"
    texts = ["Good, good film", "bad film!", "don't know, really"]
    table.write_text(
        "id,stars,review\n"
        + "".join(f'{i},5,"{text}"\n' for i, text in enumerate(texts))
        + "4,5,\n"
    )
    skipped: list[tuple[str, str]] = []
    rows = list(predict_files(predictor, [table], skipped=skipped))
    assert [row.file for row in rows] == [f"{table}[{i}]" for i in range(3)]
    assert skipped == [(f"{table}[3]", f"{table}[3] holds no word.")]
    prepared = np.stack([indices_of(text, spec) for text in texts])
    expected = network_of(spec).predict(prepared, verbose=0)
    for row, probabilities in zip(rows, expected, strict=True):
        assert isinstance(row, ClassPrediction)
        np.testing.assert_allclose(
            list(row.probabilities.values()), probabilities, atol=1e-5
        )


SERIES = """@problemName waves
@classLabel true a b
@data
1,2,3:4,5,6:a
3,?,1,1:2,2,2,2:b
1,1:1,1:a
"""


def series_spec(task: str = "classification") -> DataSpec:
    return spec_of(
        "series", task, classes=("a", "b", "c"), preprocessing=RECORDS["series"]
    )


def test_a_set_of_series_gives_a_prediction_a_row(tmp_path: Path) -> None:
    spec = series_spec()
    predictor = exported(spec, tmp_path)
    for name in ("waves_TRAIN.ts", "waves_TEST.ts"):
        (tmp_path / name).write_text(SERIES)
    file = tmp_path / "waves_TEST.ts"
    rows = list(predict_files(predictor, [file]))
    nan = np.nan
    raw = [
        [[1, 4], [2, 5], [3, 6]],
        [[3, 2], [nan, 2], [1, 2], [1, 2]],
        [[1, 1], [1, 1]],
    ]
    prepared = np.stack([fitted(np.array(s, np.float32), spec) for s in raw])
    expected = network_of(spec).predict(prepared, verbose=0)
    assert [row.file for row in rows] == [f"{file}[{i}]" for i in range(3)]
    for row, probabilities in zip(rows, expected, strict=True):
        assert isinstance(row, ClassPrediction)
        np.testing.assert_allclose(
            list(row.probabilities.values()), probabilities, atol=1e-5
        )


def test_input_of_another_kind_is_refused_in_a_sentence(tmp_path: Path) -> None:
    image(tmp_path / "a.png")
    (tmp_path / "waves.ts").write_text(SERIES)
    predictor = exported(series_spec(), tmp_path)
    skipped: list[tuple[str, str]] = []
    inputs = [tmp_path / "waves.ts", tmp_path / "a.png"]
    assert len(list(predict_files(predictor, inputs, skipped=skipped))) == 3
    ((name, reason),) = skipped
    assert name == str(tmp_path / "a.png")
    assert "is no series that can be read" in reason
    with pytest.raises(DataError, match="is no series that can be read"):
        list(predict_files(predictor, [tmp_path / "a.png"]))
    with pytest.raises(DataError, match="is no series that can be read"):
        list(predict_files(predictor, [tmp_path / "a.png"], skipped=[]))
    with pytest.raises(DataError, match="nothing at"):
        list(predict_files(predictor, [tmp_path / "missing.ts"], skipped=[]))


def test_an_answer_that_is_no_number_is_none(tmp_path: Path) -> None:
    spec = spec_of("volume", "classification", dtype="float32")

    def overflowing(batch: np.ndarray) -> np.ndarray:
        far = batch.max(axis=(1, 2, 3, 4)) > 1e30
        answer = np.where(far[:, None], np.nan, [[0.2, 0.5, 0.3]])
        return answer.astype(np.float32)

    predictor = Predictor(tmp_path, spec, overflowing)
    for name, value in (("far.npy", 3e38), ("near.npy", 1.0)):
        np.save(tmp_path / name, np.full(spec.shape, value, np.float32))
    skipped: list[tuple[str, str]] = []
    files = [tmp_path / "far.npy", tmp_path / "near.npy"]
    (said,) = predict_files(predictor, files, skipped=skipped)
    assert said.file == str(tmp_path / "near.npy")
    ((name, reason),) = skipped
    assert name == str(tmp_path / "far.npy")
    assert "no finite number" in reason
    with pytest.raises(DataError, match=r"answer to sample 1 is no finite number"):
        list(predict_arrays(predictor, np.stack([np.load(f) for f in files[::-1]])))
    np.savez(tmp_path / "set.npz", x=[np.load(f) for f in files], y=["ä", "=1+1"])
    with pytest.raises(DataError, match="no finite number"):
        evaluate(predictor, tmp_path / "set.npz")


def test_samples_at_hand_are_predicted_as_their_files(tmp_path: Path) -> None:
    predictor = exported(spec_of("image", "classification"), tmp_path)
    pixels = image(tmp_path / "a.png")
    (of_file,) = predict_files(predictor, [tmp_path / "a.png"])
    of_array, again = predict_arrays(predictor, np.stack([pixels, pixels]))
    assert isinstance(of_file, ClassPrediction)
    assert isinstance(of_array, ClassPrediction)
    assert of_array.probabilities == pytest.approx(of_file.probabilities, abs=1e-6)
    assert again.file == "sample 1"


def test_a_classifier_is_scored_by_the_objective_of_its_run(tmp_path: Path) -> None:
    spec = series_spec()
    predictor = exported(spec, tmp_path / "best")
    (tmp_path / "waves.ts").write_text(SERIES)
    alone = evaluate(predictor, tmp_path / "waves.ts")
    assert alone.objective == "val_accuracy"
    assert alone.samples == 3
    assert alone.score == alone.metrics["accuracy"]
    assert alone.to_json()["accuracy"] == alone.score
    assert "metrics" not in alone.to_json()
    assert set(alone.metrics) == {"accuracy", "balanced_accuracy", "auc", "f1", "loss"}
    request = SearchRequest(data="x", objective="val_f1").to_json()
    (tmp_path / "run.json").write_text(
        json.dumps({"request": request, "state": "finished"})
    )
    inside = evaluate(predictor, tmp_path / "waves.ts")
    assert inside.objective == "val_f1"
    assert inside.score == alone.metrics["f1"]
    assert str(inside).startswith("macro F1 ")
    assert inside.interval[0] <= inside.score <= inside.interval[1]


def test_a_regression_is_scored_in_raw_units(tmp_path: Path) -> None:
    spec = spec_of(
        "series",
        "regression",
        targets=("target",),
        target_mean=(40.0,),
        target_std=(12.0,),
    )
    network = network_of(spec_of("series", "regression"))
    import keras

    single = keras.Model(network.input, network.output[:, :1])
    export_savedmodel(single, spec, tmp_path / "saved_model")
    predictor = load_predictor(tmp_path / "saved_model")
    lines = ["@targetLabel true", "@data", "1,2,3:4,5,6:30.5", "3,1:2,2:50"]
    (tmp_path / "waves.ts").write_text("\n".join(lines) + "\n")
    result = evaluate(predictor, tmp_path / "waves.ts")
    values = [
        prediction.values["target"]
        for prediction in predict_files(predictor, [tmp_path / "waves.ts"])
        if isinstance(prediction, ValuesPrediction)
    ]
    errors = np.array(values) - [30.5, 50.0]
    assert result.objective == "val_rmse"
    assert result.score == pytest.approx(np.sqrt((errors**2).mean()), rel=1e-5)
    assert result.metrics["mae"] == pytest.approx(np.abs(errors).mean(), rel=1e-5)
    assert str(result).startswith("root mean squared error ")
