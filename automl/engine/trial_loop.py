"""The search itself: ask the strategy, train in the workers, tell the strategy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from automl.engine.another_try import halve_batch, may_try_again
from automl.engine.dispatch import submit_training
from automl.engine.ledger import SEARCH_TRAINING
from automl.engine.oracle_file import OracleFile
from automl.engine.setting import Setting
from automl.oracles._mended import derive_seed
from automl.oracles.strategy import Strategy
from automl.reporting import trial_row
from automl.run.trial import COMPLETED, FAILED, SKIPPED, STOPPED, Training, TrialRecord
from automl.training.assignment import (
    EpochEnded,
    ModelCost,
    ModelFacts,
    TrainingResult,
)
from automl.workers.messages import Asked, Broke, Ended, Event, Said
from automl_reports.rows import TrialRow
from automl_search_spaces.space import Landmark

_STOP_GRACE_SECONDS = 10.0
_MOST_ASSIGNED_TOGETHER = 4  # many that begin at once end at once, and wait for us
_MOST_SKIPPED_IN_A_ROW = 60
_UNFIT = 10  # skips that a trial counts for which many better draws did not replace


@dataclass(frozen=True)
class _Run:
    """What a worker is doing: one of the oracle's trials, for one of ours."""

    oracle_trial: str
    record: TrialRecord
    initial_epoch: int
    epochs: int
    tries: int = 1


class TrialLoop:
    """Trials until the budget, the trials or the space are used up."""

    def __init__(
        self, setting: Setting, oracle: Strategy, landmarks: Sequence[Landmark]
    ) -> None:
        """Take up a search, where it was left if it was.

        Args:
            setting: The search.
            oracle: The strategy, new.
            landmarks: Published networks that the strategy tries first.
        """
        self.setting = setting
        self.ledger = setting.ledger
        self.oracle = oracle
        self.landmarks = landmarks
        self.exhausted = False
        self._nothing_to_promote = False
        self._skipped_in_a_row = 0
        self._running: dict[int, _Run] = {}
        self._waiting: list[_Run] = []
        self._file = OracleFile(setting.run, oracle, records=self.ledger.records)
        self.ledger.forget_unknown_rungs(oracle.trials)
        self._settle_ongoing()

    def run(self) -> str:
        """Search, and return what ended it."""
        while not (reason := self._end_reason()):
            self._assign_idle_workers()
            if not self._running:
                return "the search space is used up"
            self._handle_all(self.setting.pool.wait())
            self.setting.refresh_report()
        self._stop_running()
        return reason

    def _end_reason(self) -> str:
        setting = self.setting
        if setting.interrupt.requested:
            return "it was interrupted"
        end = setting.plan.search_end(setting.clock.budget_seconds)
        if setting.clock.elapsed() >= end and self._has_result():
            return "the budget's share for searching ended"
        if self._trials_used_up() and not self._running and not self._waiting:
            self._assign_idle_workers()  # promotions may be left
            if not self._running:
                return f"{self.setting.request.trials} trials were run"
        return ""

    def _has_result(self) -> bool:
        """Go on past the end of a tiny budget until one model can be handed over."""
        clock = self.setting.clock
        patience = self.setting.plan.final_end(clock.budget_seconds)
        return bool(self.ledger.ranked()) or clock.elapsed() >= patience

    def _trials_used_up(self) -> bool:
        limit = self.setting.request.trials
        return limit is not None and self.ledger.counted() >= limit

    def _assign_idle_workers(self) -> None:
        idle = self.setting.pool.idle()
        while idle and self._assign(idle[:_MOST_ASSIGNED_TOGETHER]):
            del idle[:_MOST_ASSIGNED_TOGETHER]

    def _assign(self, workers: Sequence[int]) -> bool:
        """Give each of some workers a trial; whether there were enough."""
        runs: dict[int, _Run] = {}
        with self.ledger.together():
            for worker in workers:
                run = self._waiting.pop(0) if self._waiting else self._next_run(worker)
                if run is None:
                    break
                runs[worker] = run
        for worker, run in runs.items():
            self._submit(worker, run)
        return len(runs) == len(workers)

    def _next_run(self, worker: int) -> _Run | None:
        if self.exhausted or self._nothing_to_promote:
            return None
        trial = self.oracle.create_trial(f"worker-{worker}")
        if trial.status != "RUNNING":
            return None
        values = trial.hyperparameters.values
        parent = values.get("tuner/trial_id")
        if parent is None and self._trials_used_up():
            self.oracle.skip_trial(trial.trial_id)
            self._nothing_to_promote = True
            return None
        record = self.ledger.of_rung(parent) if parent else self._open_record(values)
        if record.status in (FAILED, SKIPPED):  # the best of a round that failed whole
            self.oracle.fail_trial(trial.trial_id, record.reason)
            return self._next_run(worker)
        self.ledger.add_rung(record, trial.trial_id)
        self._save_oracle()
        return self._run_of(trial, record)

    def _run_of(self, trial: Any, record: TrialRecord) -> _Run:
        values = trial.hyperparameters.values
        return _Run(
            trial.trial_id,
            record,
            values.get("tuner/initial_epoch", 0),
            values.get("tuner/epochs", self.setting.plan.max_epochs),
        )

    def _open_record(self, values: Mapping[str, Any]) -> TrialRecord:
        searched = {k: v for k, v in values.items() if not k.startswith("tuner/")}
        name = next((m.name for m in self.landmarks if _is_point(m, searched)), None)
        record = self.ledger.open(
            searched,
            origin=name or self.setting.request.strategy,
            landmark=name is not None,
        )
        seed = derive_seed(self.setting.request.seed, record.trial, SEARCH_TRAINING)
        planned = self.setting.plan.max_epochs
        record.trainings.append(Training(SEARCH_TRAINING, seed, planned))
        return record

    def _submit(self, worker: int, run: _Run) -> None:
        record = run.record
        self._running[worker] = run
        record.worker = worker
        record.begin_span(worker, self.setting.clock.elapsed())
        if record.started_seconds is None:
            record.started_seconds = self.setting.clock.elapsed()
        if run.initial_epoch:
            self._tell_began(worker, run)
        submit_training(
            self.setting,
            worker,
            record,
            record.trainings[0],
            span=(run.initial_epoch, run.epochs),
            limits=self.setting.space.limits,
        )

    def _handle_all(self, events: Sequence[Event]) -> None:
        with self.ledger.together():
            for event in events:
                self._handle(event)

    def _handle(self, event: Event) -> None:
        run = self._running[event.worker]
        match event:
            case Asked(worker, ModelFacts() as facts):
                self.setting.pool.answer(worker, self._accept(worker, run, facts))
            case Said(_, ModelCost() as cost):
                self.ledger.add_facts(run.record, cost)
            case Said(worker, EpochEnded() as epoch):
                self.ledger.add_epoch(run.record, SEARCH_TRAINING, epoch)
                self.setting.progress.epoch_ended(
                    worker, run.record.trial, int(epoch.row["epoch"]), epoch.score
                )
            case Ended(worker, TrainingResult() as result):
                del self._running[worker]
                run.record.end_span(worker, self.setting.clock.elapsed())
                self._finish(run, result)
            case Broke(worker):
                del self._running[worker]
                run.record.end_span(worker, self.setting.clock.elapsed())
                if not self._queued_again(run, event):
                    self._break_off(run, event)

    def _accept(self, worker: int, run: _Run, facts: ModelFacts) -> str:
        """Return an empty text, or why the trial is not to be trained."""
        other = self.ledger.repeated_trial(run.record, facts.identity)
        if other is not None:
            return f"the same network and training as trial {other}"
        self.ledger.add_facts(run.record, facts)
        self._tell_began(worker, run)
        return ""

    def _tell_began(self, worker: int, run: _Run) -> None:
        self.setting.progress.trial_started(worker, self._row(run.record), run.epochs)
        self.ledger.begin(run.record, SEARCH_TRAINING)

    def _finish(self, run: _Run, result: TrainingResult) -> None:
        self._skipped_in_a_row = 0
        record, training = run.record, run.record.trainings[0]
        record.ended_seconds = self.setting.clock.elapsed()
        if result.stopped:  # its rung is not done: as if it had not been asked for
            self._keep_partial(record, training, result)
            return
        self.ledger.add_result(record, training, result)
        self._close_rung(record, training)
        self._tell(run, training)

    def _keep_partial(
        self, record: TrialRecord, training: Training, result: TrainingResult
    ) -> None:
        """Keep the score that a training cut short had reached, if any."""
        training.seconds += result.seconds
        training.overhead_seconds += result.overhead_seconds
        if result.best_score is None:
            self.ledger.close(record, STOPPED, "the time was up before its first epoch")
            return
        training.val_score, training.best_epoch = result.best_score, result.best_epoch
        training.val_loss = result.best_loss
        training.epochs = result.epochs
        self._give_up(record)

    def _close_rung(self, record: TrialRecord, training: Training) -> None:
        planned = training.planned_epochs
        if training.epochs >= planned:
            self.ledger.close(record, COMPLETED)
        else:
            reason = f"not promoted after {training.epochs} of {planned} epochs"
            self.ledger.close(record, STOPPED, reason)
        self.setting.progress.trial_ended(self._row(record))

    def _tell(self, run: _Run, training: Training) -> None:
        if training.val_score is None:
            raise ValueError(f"Trial {run.record.trial} ended without a score.")
        self.oracle.complete_trial(
            run.oracle_trial,
            training.val_score,
            epochs=training.epochs,
            costs={n: getattr(run.record, n) for n in self.setting.request.costs},
        )
        self._save_oracle()

    def _queued_again(self, run: _Run, event: Broke) -> bool:
        """Have a stretch run again that was lost, or too large for its device."""
        halved = halve_batch(
            run.record, event, epochs=run.initial_epoch, tries=run.tries
        )
        if not halved and not may_try_again(event, run.tries):
            return False
        self.setting.run.log(f"trial {run.record.trial} again: {event.reason}")
        self.ledger.save(run.record)
        self._waiting.insert(0, replace(run, tries=run.tries + 1))
        return True

    def _break_off(self, run: _Run, event: Broke) -> None:
        record = run.record
        record.ended_seconds = self.setting.clock.elapsed()
        if event.details:
            self.setting.run.write_error(record.trial, event.details)
        if event.skipped:
            fits = self.oracle.fits(record.hyperparameters)
            self._skipped_in_a_row += 1 if fits else _UNFIT
            self.exhausted = self._skipped_in_a_row >= _MOST_SKIPPED_IN_A_ROW
            self.ledger.close(record, SKIPPED, event.reason)
            self.oracle.skip_trial(run.oracle_trial)
        else:
            self.ledger.close(record, FAILED, event.reason)
            self.oracle.fail_trial(run.oracle_trial, event.reason)
        self._save_oracle()
        self.setting.progress.trial_ended(self._row(record))

    def _stop_running(self) -> None:
        """End the running trials; what they reached is kept."""
        for run in self._waiting:
            self._give_up(run.record)
        for worker in list(self._running):
            self.setting.pool.request_stop(worker, grace_seconds=_STOP_GRACE_SECONDS)
        while self._running:
            for event in self.setting.pool.wait():
                if isinstance(event, Broke) and (event.timed_out or event.lost):
                    self._give_up(self._running.pop(event.worker).record)
                else:
                    self._handle(event)

    def _give_up(self, record: TrialRecord) -> None:
        """Note a trial that did not stop in time; earlier rungs keep their score."""
        epochs = record.trainings[0].epochs
        planned = record.trainings[0].planned_epochs
        reason = f"the time was up after {epochs} of {planned} epochs"
        self.ledger.close(record, STOPPED, reason)

    def _row(self, record: TrialRecord) -> TrialRow:
        return trial_row(record, self.setting.direction)

    def _save_oracle(self) -> None:
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
            elif record.trainings[0].epochs >= run.epochs:
                self._tell(run, record.trainings[0])
            else:
                self._waiting.append(run)
        self.oracle.ongoing_trials = {
            f"resumed-{i}": self.oracle.trials[run.oracle_trial]
            for i, run in enumerate(self._waiting)
        }
        self._save_oracle()


def _is_point(landmark: Landmark, values: Mapping[str, Any]) -> bool:
    return all(values.get(name) == value for name, value in landmark.values.items())
