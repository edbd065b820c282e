"""The search itself: ask the strategy, train in the workers, tell the strategy."""

from __future__ import annotations

import math
from collections.abc import Sequence

from automl.engine.another_try import refuse_full_disk
from automl.engine.dispatch import submit_training
from automl.engine.end_phase import search_end
from automl.engine.ledger import SEARCH_TRAINING
from automl.engine.setting import Setting
from automl.engine.task_loop import STOP_GRACE_SECONDS
from automl.engine.trial_queue import Run, TrialQueue
from automl.oracles.strategy import Strategy
from automl.report_rows import trial_row
from automl.run.trial import COMPLETED, SKIPPED, STOPPED, Training, TrialRecord
from automl.training.assignment import (
    EpochEnded,
    ModelCost,
    ModelFacts,
    TrainingResult,
)
from automl.workers.messages import Asked, Broke, Ended, Event, Said
from automl_reports.rows import TrialRow
from automl_search_spaces.space import Landmark

_END_IS_KNOWN_SECONDS = 1.0  # with thousands of trials it takes a while to tell
_MOST_ASSIGNED_TOGETHER = 4  # many that begin at once end at once, and wait for us


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
        self.queue = TrialQueue(setting, oracle, landmarks)
        self._running: dict[int, Run] = {}
        self._end, self._end_told = 0.0, -math.inf

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
        if self._time_is_up() and self._has_result():
            return "the budget's share for searching ended"
        done = self.queue.trials_used_up() and not self._running
        if done and not self.queue.waiting:
            self._assign_idle_workers()  # promotions may be left
            if not self._running:
                return f"{self.setting.request.trials} trials were run"
        return ""

    def _time_is_up(self) -> bool:
        now = self.setting.clock.elapsed()
        # What ends the search is never an end that was told before.
        if now >= min(self._end, self._end_told + _END_IS_KNOWN_SECONDS):
            running = [run.record for run in self._running.values()]
            self._end, self._end_told = search_end(self.setting, running), now
        return now >= self._end

    def _has_result(self) -> bool:
        """Go on past the end of a tiny budget until one model can be handed over."""
        clock = self.setting.clock
        patience = self.setting.plan.final_end(clock.budget_seconds)
        return bool(self.ledger.ranked()) or clock.elapsed() >= patience

    def _assign_idle_workers(self) -> None:
        idle = self.setting.pool.idle()
        while idle and self._assign(idle[:_MOST_ASSIGNED_TOGETHER]):
            del idle[:_MOST_ASSIGNED_TOGETHER]

    def _assign(self, workers: Sequence[int]) -> bool:
        """Give each of some workers a trial; whether there were enough."""
        runs: dict[int, Run] = {}
        with self.ledger.together():
            for worker in workers:
                run = self.queue.next_run()
                if run is None:
                    break
                runs[worker] = run
        for worker, run in runs.items():
            self._submit(worker, run)
        return len(runs) == len(workers)

    def _submit(self, worker: int, run: Run) -> None:
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
                refuse_full_disk(event)
                if not self.queue.try_again(run, event):
                    self._break_off(run, event)

    def _accept(self, worker: int, run: Run, facts: ModelFacts) -> str:
        """Return an empty text, or why the trial is not to be trained."""
        other = self.ledger.repeated_trial(run.record, facts.identity)
        if other is not None:
            return f"the same network and training as trial {other}"
        self.ledger.add_facts(run.record, facts)
        self._tell_began(worker, run)
        return ""

    def _tell_began(self, worker: int, run: Run) -> None:
        self.setting.progress.trial_started(worker, self._row(run.record), run.epochs)
        self.ledger.begin(run.record, SEARCH_TRAINING)

    def _finish(self, run: Run, result: TrainingResult) -> None:
        record, training = run.record, run.record.trainings[0]
        record.ended_seconds = self.setting.clock.elapsed()
        if result.stopped:  # its rung is not done: as if it had not been asked for
            self._keep_partial(record, training, result)
            return
        self.ledger.add_result(record, training, result)
        self._close_rung(record, training)
        self.queue.complete(run)

    def _keep_partial(
        self, record: TrialRecord, training: Training, result: TrainingResult
    ) -> None:
        """Keep what a training cut short had reached since it was taken up, if any."""
        if result.epochs > training.epochs:
            self.ledger.add_result(record, training, result)
        else:
            training.add_stretch(result.seconds, result.overhead_seconds)
        self._give_up(record)

    def _close_rung(self, record: TrialRecord, training: Training) -> None:
        planned = training.planned_epochs
        if training.epochs >= planned:
            self.ledger.close(record, COMPLETED)
        else:
            reason = f"not promoted after {training.epochs} of {planned} epochs"
            self.ledger.close(record, STOPPED, reason)
        self.setting.progress.trial_ended(self._row(record))

    def _break_off(self, run: Run, event: Broke) -> None:
        record = run.record
        record.ended_seconds = self.setting.clock.elapsed()
        if event.details:
            self.setting.run.write_error(record.trial, event.details)
        if event.skipped:
            self.ledger.close(record, SKIPPED, event.reason)
            self.queue.skip(run)
        else:
            self.ledger.close_failed(record, event.reason)
            self.queue.fail(run, event.reason)
        self.setting.progress.trial_ended(self._row(record))

    def _stop_running(self) -> None:
        """End the running trials; what they reached is kept."""
        for worker in list(self._running):
            self.setting.pool.request_stop(worker, grace_seconds=STOP_GRACE_SECONDS)
        while self._running:
            for event in self.setting.pool.wait():
                if isinstance(event, Broke) and (event.timed_out or event.lost):
                    self._give_up(self._running.pop(event.worker).record)
                else:
                    self._handle(event)
        for run in self.queue.waiting:  # among them what broke off just now
            self._give_up(run.record)

    def _give_up(self, record: TrialRecord) -> None:
        """Note a trial that was cut short; what it reached before keeps its score."""
        epochs = record.trainings[0].epochs
        planned = record.trainings[0].planned_epochs
        interrupted = self.setting.interrupt.requested
        why = "the search was interrupted" if interrupted else "the time was up"
        done = f"after {epochs} of {planned} epochs"
        when = done if epochs else "before its first epoch"
        self.ledger.close(record, STOPPED, f"{why} {when}")
        self.setting.progress.trial_ended(self._row(record))

    def _row(self, record: TrialRecord) -> TrialRow:
        return trial_row(record, self.setting.direction)
