"""The trials of a search, in memory and on disk."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from automl.errors import RequestError
from automl.run.directory import RunDirectory
from automl.run.trial import (
    COMPLETED,
    FAILED,
    REFIT,
    RUNNING,
    SKIPPED,
    STOPPED,
    Training,
    TrialRecord,
)
from automl.selection.front import front_of
from automl.tracking.callback import Callback
from automl.training.assignment import (
    EpochEnded,
    ModelCost,
    ModelFacts,
    TrainingResult,
)
from automl.training.checkpoint import remove_checkpoints

SEARCH_TRAINING = "search"
_LAST = object()


class Ledger:
    """Every trial's record and history; each change is on disk before it counts.

    Changes are written at once, or at the end of a block `together`: what happens to
    many workers at the same time takes one write a file.

    Attributes:
        run: Where it is written.
        direction: Whether a large or a small score is good.
        records: The records by identity, in order.
        callbacks: Who is told of epochs and of trials that end; nobody at first.
    """

    def __init__(self, run: RunDirectory, direction: str) -> None:
        """Read what is on disk.

        Raises:
            RequestError: If two trials claim one of the oracle's.
        """
        self.run = run
        self.direction = direction
        self.records = run.read_trials()
        self.callbacks = Callback()
        self._histories: dict[tuple[str, str], list[Mapping[str, float]]] = {}
        self._waiting: dict[object, Callable[[], object]] | None = None
        self._skipped: set[str] = set()
        self._by_rung: dict[str, TrialRecord] = {}
        self._by_identity: dict[str, list[TrialRecord]] = {}
        self._index()
        for record in self.records.values():
            for training in (*record.trainings, *record.folds):
                rows = run.read_history(record.trial, training.name)
                key = record.trial, training.name
                self._histories[key] = _until(rows, training.epochs)

    def open(
        self, values: Mapping[str, Any], *, origin: str, landmark: bool
    ) -> TrialRecord:
        """Return a new trial's record."""
        trial = f"{max(map(int, self.records), default=0) + 1:04d}"
        record = TrialRecord(trial, dict(values), origin, landmark=landmark)
        self.records[trial] = record
        return record

    def forget_unknown_rungs(self, known: Container[str]) -> None:
        """Drop what was begun in the instant before a crash and never trained.

        Also on disk: the oracle gives what it does not know to another trial.

        Args:
            known: The oracle's trials.
        """
        for record in list(self.records.values()):
            rungs = [rung for rung in record.rungs if rung in known]
            if not rungs:
                shutil.rmtree(self.run.trial(record.trial))
                del self.records[record.trial]
            elif rungs != record.rungs:
                record.rungs = rungs
                self.save(record)
        self._index()

    def _index(self) -> None:
        self._skipped.clear()
        self._by_rung.clear()
        self._by_identity.clear()
        for record in self.records.values():
            self._note_skipped(record)
            for rung in record.rungs:
                self._claim(rung, record)
            self._by_identity.setdefault(record.identity, []).append(record)

    def _claim(self, rung: str, record: TrialRecord) -> None:
        other = self._by_rung.setdefault(rung, record)
        if other is not record:
            raise RequestError(
                f"The trials {other.trial} and {record.trial} of {self.run.path} both "
                f"say that they are the strategy's {rung}, so nobody knows whose "
                "result that is; search anew with another --out."
            )

    def add_rung(self, record: TrialRecord, rung: str) -> None:
        """Note that one of the oracle's trials is run for a trial."""
        record.rungs.append(rung)
        self._by_rung[rung] = record
        self.save(record)

    def of_rung(self, rung: str) -> TrialRecord:
        """Return the trial that one of the oracle's trials was run for.

        Raises:
            ValueError: If there is none.
        """
        if rung not in self._by_rung:
            raise ValueError(
                f"The strategy's trial {rung} is not on record in {self.run.path}."
            )
        return self._by_rung[rung]

    def save(self, record: TrialRecord) -> None:
        """Write a record."""
        self._write(record.trial, partial(self.run.write_trial, record))

    def write_after(self, write: Callable[[], object]) -> None:
        """Write what may only be on disk once the records are."""
        self._write(_LAST, write)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Write what changes in a block at its end, each file once."""
        self._waiting = {}
        try:
            yield
        finally:
            waiting, self._waiting = self._waiting, None
            last = waiting.pop(_LAST, None)
            for write in (*waiting.values(), *filter(None, [last])):
                write()

    def _write(self, key: object, write: Callable[[], object]) -> None:
        if self._waiting is None:
            write()
        else:
            self._waiting[key] = write

    def add_facts(self, record: TrialRecord, facts: ModelCost | ModelFacts) -> None:
        """Note what a model is and costs."""
        for name, value in vars(facts).items():
            setattr(record, name, value)
        if isinstance(facts, ModelFacts):
            self._by_identity.setdefault(facts.identity, []).append(record)
        record.status = RUNNING
        self._note_skipped(record)
        self.save(record)

    def repeated_trial(self, record: TrialRecord, identity: str) -> str | None:
        """Return an earlier trial that trains the same network the same way."""
        same = self._by_identity.get(identity, ())
        return next(
            (
                other.trial
                for other in same
                if other is not record and other.identity == identity
            ),
            None,
        )

    def begin(self, record: TrialRecord, training: str) -> None:
        """Tell that a worker begins or goes on with a training."""
        self.callbacks.trial_began(record.to_json(), training)

    def add_epoch(self, record: TrialRecord, training: str, epoch: EpochEnded) -> None:
        """Note an epoch, in place of those that a killed worker did not finish."""
        rows = self.history(record.trial, training)
        rows = [*_until(rows, epoch.row["epoch"] - 1), epoch.row]
        self._histories[record.trial, training] = rows
        key = record.trial, training
        self._write(key, partial(self.run.write_history, *key, rows))
        self.callbacks.epoch_ended(record.trial, training, epoch.row)

    def add_result(
        self, record: TrialRecord, training: Training, result: TrainingResult
    ) -> None:
        """Note how a training went on.

        A refit of what was known before no longer stands for the trial.
        """
        if training.name != REFIT:
            record.trainings = [t for t in record.trainings if t.name != REFIT]
        training.epochs = result.epochs
        training.best_epoch = result.best_epoch
        training.val_score = result.best_score
        training.val_loss = result.best_loss
        training.add_stretch(result.seconds, result.overhead_seconds)

    def close(self, record: TrialRecord, status: str, reason: str = "") -> None:
        """Write how a trial stands."""
        record.status, record.reason = status, reason
        self._note_skipped(record)
        self.save(record)
        # Only now: a search that is killed before goes on from what is on record.
        forget = partial(self._remove_checkpoints, record)
        self._write((record.trial, "checkpoints"), forget)
        self.callbacks.trial_ended(record.to_json())

    def close_failed(self, record: TrialRecord, reason: str) -> None:
        """Write that a trial broke off; a model that it had before stays a candidate.

        Args:
            record: The trial.
            reason: How it broke off.
        """
        kept = record.validated_training(self.direction)
        if kept is None:
            self.close(record, FAILED, reason)
            return
        rows = self.history(record.trial, SEARCH_TRAINING)
        last = int(rows[-1]["epoch"]) if rows else record.trainings[0].epochs
        weights = f"the weights of epoch {kept.best_epoch or kept.epochs} are kept"
        self.close(record, STOPPED, f"failed after epoch {last}: {reason}; {weights}")

    def _remove_checkpoints(self, record: TrialRecord) -> None:
        """Remove the states that nothing goes on from any more.

        Only the search's own training is ever gone on with, to its end.
        """
        for training in record.trainings:
            goes_on = (
                training.name == SEARCH_TRAINING
                and training.epochs < training.planned_epochs
                and record.status in (COMPLETED, STOPPED)
            )
            if not goes_on:
                remove_checkpoints(self.run.training(record.trial, training.name))

    def _note_skipped(self, record: TrialRecord) -> None:
        if record.status == SKIPPED:
            self._skipped.add(record.trial)
        else:
            self._skipped.discard(record.trial)

    def history(self, trial: str, training: str) -> list[Mapping[str, float]]:
        """Return the epochs of one training."""
        return self._histories.get((trial, training), [])

    def counted(self) -> int:
        """Return how many trials count towards a limit on trials."""
        return len(self.records) - len(self._skipped)

    def ranked(self) -> list[TrialRecord]:
        """Return the trials that have a score, best first; equals in order of loss."""
        usable = [
            record
            for record in self.records.values()
            if record.status in (COMPLETED, STOPPED)
            and record.validated_training(self.direction) is not None
        ]
        sign = -1 if self.direction == "max" else 1

        def key(record: TrialRecord) -> tuple[float, float, int]:
            best = record.validated_training(self.direction)
            loss = best.val_loss if best else None
            return sign * self.score(record), loss or 0.0, record.params or 0

        return sorted(usable, key=key)

    def shortlist(self, number: int, costs: Sequence[str]) -> list[TrialRecord]:
        """Return the trials to train out, the best first.

        Args:
            number: How many at most.
            costs: Objectives beside the score; where there are any, members of the
                Pareto front are taken, the best score first and the others far apart,
                but none that is in the worse half by its score.
        """
        ranked = self.ranked()
        if not costs:
            return ranked[:number]
        better_half = ranked[: -(-len(ranked) // 2)]
        return front_of(better_half, self.direction, costs)[:number]

    def score(self, record: TrialRecord) -> float:
        """Return a scored trial's best score on the validation split."""
        training = record.validated_training(self.direction)
        if training is None or training.val_score is None:
            raise ValueError(f"Trial {record.trial} has no score.")
        return training.val_score

    def rung_score(
        self, record: TrialRecord, epochs: int, objective: str
    ) -> float | None:
        """Return what the strategy is told of the search's training at a rung.

        That is the best score of the later half of its epochs so far: what was better
        before, and gets worse, promises little. Of a full training it is the best of
        all, whose weights are kept.
        """
        training = record.trainings[0]
        if epochs >= training.planned_epochs:
            return training.val_score
        rows = _until(self.history(record.trial, SEARCH_TRAINING), epochs)
        later = [row for row in rows if row["epoch"] > epochs // 2] or rows[-1:]
        best = max if self.direction == "max" else min
        # A history may be lost, and with it what came before.
        return best((row[objective] for row in later), default=training.val_score)

    def status_counts(self) -> dict[str, int]:
        """Return how many trials ended in which way."""
        names = (COMPLETED, STOPPED, FAILED, SKIPPED)
        statuses = [record.status for record in self.records.values()]
        return {name: statuses.count(name) for name in names}


def _until(
    rows: Iterable[Mapping[str, float]], epoch: float
) -> list[Mapping[str, float]]:
    return [row for row in rows if row["epoch"] <= epoch]
