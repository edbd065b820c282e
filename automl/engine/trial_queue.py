"""What to train next: what the strategy proposes, and what is run again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from automl.engine.another_try import halve_batch, may_try_again
from automl.engine.ledger import SEARCH_TRAINING
from automl.engine.oracle_file import OracleFile
from automl.engine.setting import Setting
from automl.oracles.mended import searched_values
from automl.oracles.strategy import Strategy
from automl.run.trial import FAILED, SKIPPED, Training, TrialRecord
from automl.seeds import derive_seed
from automl.training.checkpoint import checkpoint_file
from automl.workers.messages import Broke
from automl_search_spaces.space import Landmark

_MOST_SKIPPED_IN_A_ROW = 60
_UNFIT = 10  # skips that a trial counts for which many better draws did not replace


@dataclass(frozen=True)
class Run:
    """What a worker is given: one of the oracle's trials, for one of ours.

    Attributes:
        oracle_trial: Identity of the oracle's.
        record: Ours.
        initial_epoch: Epochs that were trained before.
        epochs: Epochs that are trained after.
        tries: How often it was begun.
    """

    oracle_trial: str
    record: TrialRecord
    initial_epoch: int
    epochs: int
    tries: int = 1


class TrialQueue:
    """The strategy, told of what became of its trials, and written down.

    Attributes:
        waiting: What comes before anything new.
    """

    def __init__(
        self, setting: Setting, oracle: Strategy, landmarks: Sequence[Landmark]
    ) -> None:
        """Take up a search, where it was left if it was; see `TrialLoop`."""
        self.setting = setting
        self.ledger = setting.ledger
        self.oracle = oracle
        self.landmarks = landmarks
        self.waiting: list[Run] = []
        self._exhausted = False
        self._nothing_to_promote = False
        self._skipped_in_a_row = 0
        self._asked = 0
        self._file = OracleFile(setting.run, oracle, records=self.ledger.records)
        self.ledger.forget_unknown_rungs(oracle.trials)
        self._settle_ongoing()

    def trials_used_up(self) -> bool:
        """Whether as many trials were begun as the user allows."""
        limit = self.setting.request.trials
        return limit is not None and self.ledger.counted() >= limit

    def next_run(self) -> Run | None:
        """Return what to train next, if there is anything now."""
        return self.waiting.pop(0) if self.waiting else self._proposed()

    def complete(self, run: Run) -> None:
        """Tell that a trial was trained as far as was asked, or farther.

        Raises:
            ValueError: If it has no score.
        """
        score = self.ledger.rung_score(run.record, run.epochs, self.setting.objective)
        if score is None:
            raise ValueError(f"Trial {run.record.trial} ended without a score.")
        self._skipped_in_a_row = 0
        self.oracle.complete_trial(
            run.oracle_trial,
            score,
            epochs=run.epochs,
            costs={n: getattr(run.record, n) for n in self.setting.request.costs},
        )
        self._save()

    def fail(self, run: Run, reason: str) -> None:
        """Tell that a trial failed."""
        self.oracle.fail_trial(run.oracle_trial, reason)
        self._save()

    def skip(self, run: Run) -> None:
        """Tell that a trial was refused; after many nothing new is tried any more."""
        fits = self.oracle.fits(run.record.hyperparameters)
        self._skipped_in_a_row += 1 if fits else _UNFIT
        self._exhausted |= self._skipped_in_a_row >= _MOST_SKIPPED_IN_A_ROW
        self.oracle.skip_trial(run.oracle_trial)
        self._save()

    def try_again(self, run: Run, event: Broke) -> bool:
        """Queue what was lost, or was too large for its device; whether it was."""
        halved = halve_batch(
            run.record, event, epochs=run.initial_epoch, tries=run.tries
        )
        if not halved and not may_try_again(event, run.tries):
            return False
        self.setting.run.log(f"trial {run.record.trial} again: {event.reason}")
        self.ledger.save(run.record)
        self.waiting.insert(0, replace(run, tries=run.tries + 1))
        return True

    def _proposed(self) -> Run | None:
        no_new = self._exhausted or self.trials_used_up()
        if self._nothing_to_promote or (no_new and not self._promotes()):
            return None
        # A new name each time: by a known one, an oracle returns the trial it knows.
        self._asked += 1
        self.oracle.promotes_only = no_new
        trial = self.oracle.create_trial(f"asked-{self._asked}")
        if trial.status != "RUNNING":
            return None
        values = trial.hyperparameters.values
        parent = values.get("tuner/trial_id")
        if parent is None and no_new:
            self.oracle.skip_trial(trial.trial_id)
            self._nothing_to_promote = True
            return None
        record = self.ledger.of_rung(parent) if parent else self._open_record(values)
        self.ledger.add_rung(record, trial.trial_id)
        if self._is_over(record, parent):  # the best of a round that failed whole
            self.oracle.fail_trial(trial.trial_id, record.reason)
            self._save()
            return self._proposed()
        self._save()
        run = self._run_of(trial, record)
        if _is_done(run):
            self.complete(run)
            return self._proposed()
        return run

    def _is_over(self, record: TrialRecord, parent: str | None) -> bool:
        """Whether a trial was refused, or failed on whichever rung."""
        failed = parent is not None and bool(self.oracle.trials[parent].message)
        return failed or record.status in (FAILED, SKIPPED)

    def _promotes(self) -> bool:
        """Whether the strategy trains some trials further, which are not new ones."""
        return any(
            "tuner/epochs" in trial.hyperparameters.values
            for trial in self.oracle.trials.values()
        )

    def _run_of(self, trial: Any, record: TrialRecord) -> Run:
        """Return what is left of a rung.

        A finalist may have been trained beyond it, and a user's strategy may ask for
        more epochs than there are in the schedule.
        """
        values = trial.hyperparameters.values
        known = record.trainings[0]
        folder = self.setting.run.training(record.trial, known.name)
        goes_on = checkpoint_file(folder, known.epochs).exists()
        return Run(
            trial.trial_id,
            record,
            known.epochs if goes_on else values.get("tuner/initial_epoch", 0),
            min(values.get("tuner/epochs", known.planned_epochs), known.planned_epochs),
        )

    def _open_record(self, values: Mapping[str, Any]) -> TrialRecord:
        searched = searched_values(values)
        name = next((m.name for m in self.landmarks if _is_point(m, searched)), None)
        record = self.ledger.open(
            searched,
            # A file of the user's is told by its name, without the folder.
            origin=name or Path(self.setting.request.strategy).name,
            landmark=name is not None,
        )
        seed = derive_seed(self.setting.request.seed, record.trial, SEARCH_TRAINING)
        planned = self.setting.plan.max_epochs
        record.trainings.append(Training(SEARCH_TRAINING, seed, planned))
        return record

    def _save(self) -> None:
        self._nothing_to_promote = False
        self.ledger.write_after(self._file.save)

    def _settle_ongoing(self) -> None:
        """Bring the strategy and the trials together after a stop or a crash.

        A rung that is on record is told; one that is not is run again, from the
        checkpoint of the rung before.
        """
        for trial in list(self.oracle.ongoing_trials.values()):
            record = self.ledger.of_rung(trial.trial_id)
            run = self._run_of(trial, record)
            if record.status == SKIPPED:
                self.oracle.skip_trial(trial.trial_id)
            elif record.status == FAILED:
                self.oracle.fail_trial(trial.trial_id, record.reason)
            elif _is_done(run):
                self.complete(run)
            else:
                self.waiting.append(run)
        self.oracle.ongoing_trials = {
            f"resumed-{i}": self.oracle.trials[run.oracle_trial]
            for i, run in enumerate(self.waiting)
        }
        self._save()


def _is_done(run: Run) -> bool:
    """Whether the trial was trained that far before: by the end phase, for one."""
    return run.record.trainings[0].epochs >= run.epochs


def _is_point(landmark: Landmark, values: Mapping[str, Any]) -> bool:
    return all(values.get(name) == value for name, value in landmark.values.items())
