"""What is known of a network before it is trained, and how it is put on record."""

from pathlib import Path

import keras

from automl.engine.ledger import Ledger
from automl.run.directory import RunDirectory
from automl.run.trial import TrialRecord
from automl.training.facts import model_cost


def test_layers_that_nobody_can_count_are_on_record_by_name(tmp_path: Path) -> None:
    inputs = keras.Input((6, 4))
    x = keras.layers.LSTM(3, name="memory")(inputs)
    cost = model_cost(keras.Model(inputs, keras.layers.Dense(2)(x)), "mine")
    assert (cost.macs, cost.unknown_layers) == (6, ["memory"])
    ledger = Ledger(RunDirectory(tmp_path), "max")
    record = ledger.open({}, origin="mine", landmark=False)
    ledger.add_facts(record, cost)
    (read,) = RunDirectory(tmp_path).read_trials().values()
    assert (read.macs, read.unknown_layers) == (6, ["memory"])
    assert read.counted_macs is None


def test_records_of_earlier_versions_tell_of_no_such_layers() -> None:
    values = TrialRecord("0001", {}, "random").to_json()
    del values["unknown_layers"]
    read = TrialRecord.from_json({**values, "macs": 7})
    assert (read.unknown_layers, read.counted_macs) == ([], 7)
