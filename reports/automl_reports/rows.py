"""The plain records from which every report is written: of trials, and of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from automl_reports.data_summary import DataSummary
from automl_reports.importance import Importance
from automl_reports.model_detail import ModelDetail

#: Stands for the ensemble where a trial's identity is asked for.
ENSEMBLE = "ensemble"


@dataclass(frozen=True)
class TrialRow:
    """One trial as the leaderboard shows it; `None` where nothing was measured.

    Attributes:
        trial: Identity, for example `0007`; `ENSEMBLE` for the ensemble.
        status: `completed`, `stopped`, `failed`, `skipped` or `running`.
        architecture: Short notation, for example `resnet 3x[2xconv3-32...128] gap`.
        origin: A landmark's name, or the strategy that proposed the trial.
        reason: Why it stopped, failed or was skipped.
        rank: Place on the leaderboard from 1; scored trials only.
        val_score: What ranks the trial: its best validation score, or the mean over
            folds where it was cross-validated.
        test_score: Score on the untouched test split; shortlist only.
        test_interval: 95 % interval of `test_score`.
        params: Trainable and other parameters.
        macs: Multiply-accumulates of one forward pass of one sample.
        size_mb: Size of the weights, in 10^6 bytes.
        latency_ms: Median latency at batch size 1.
        latency_p95_ms: 95th percentile of the same.
        epochs: Epochs of the training that was validated.
        best_epoch: Epoch of `val_score`, counted from 1.
        train_seconds: Time in training and validation steps.
        optimizer: Name of the optimizer.
        learning_rate: Initial (peak) learning rate.
        hyperparameters: Every active hyperparameter.
        history: One mapping an epoch: `epoch`, `loss`, `val_loss`, and the
            objective and its training twin (`val_accuracy`, `accuracy`).
        worker: Which worker ran it.
        started_seconds: Start, in seconds since the search began.
        ended_seconds: End, in the same clock.
        landmark: Whether it is a published network rather than a proposal.
        tied: Whether its validation results do not differ significantly from those of
            the best.
        recommended: Whether it is the recommended model, or the best network alone
            where an ensemble is recommended.
        seeds: Number of seeds it was trained with.
        test_metrics: Every metric of the task on the test split, by name without
            `val_`, for example `auc`; shortlist only.
        val_interval: 95 % interval of `val_score`, where one is known.
        spans: When which worker trained it: `(worker, start, end)`, in the clock of
            `started_seconds`; empty where only the first start and last end are known.
        pareto: Whether no trial beats it in all objectives that were asked for, the
            score and the costs together; `None` where there was one objective.
        test_intervals: 95 % interval of metrics in `test_metrics`, where it is known;
            recommended model only.
        cross_validated: Whether `val_score` is a mean over folds, which is not to be
            compared with the score on one split.
        split_score: Of a cross-validated trial, its score on the one validation split
            that every trial was scored on.
        unknown_layers: Names of the layers whose multiply-accumulates are not known;
            with any of them there are more than `macs`.
        refit_epochs: Epochs of a further training, on training and validation samples
            together, whose last weights stand for the trial on test and in exports;
            `None` where the validated training does.
    """

    trial: str
    status: str
    architecture: str
    origin: str
    reason: str = ""
    rank: int | None = None
    val_score: float | None = None
    test_score: float | None = None
    test_interval: tuple[float, float] | None = None
    params: int | None = None
    macs: int | None = None
    size_mb: float | None = None
    latency_ms: float | None = None
    latency_p95_ms: float | None = None
    epochs: int = 0
    best_epoch: int | None = None
    train_seconds: float = 0.0
    optimizer: str = ""
    learning_rate: float | None = None
    hyperparameters: Mapping[str, Any] = field(default_factory=dict)
    history: tuple[Mapping[str, float], ...] = ()
    worker: int | None = None
    started_seconds: float | None = None
    ended_seconds: float | None = None
    landmark: bool = False
    tied: bool = False
    recommended: bool = False
    seeds: int = 1
    val_interval: tuple[float, float] | None = None
    test_metrics: Mapping[str, float] = field(default_factory=dict)
    spans: tuple[tuple[int, float, float], ...] = ()
    pareto: bool | None = None
    test_intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    cross_validated: bool = False
    split_score: float | None = None
    unknown_layers: tuple[str, ...] = ()
    refit_epochs: int | None = None

    @property
    def search_score(self) -> float | None:
        """Its score on the one validation split, which the whole search shares."""
        return self.split_score if self.cross_validated else self.val_score

    @property
    def is_ensemble(self) -> bool:
        """Whether it is no trial, but the ensemble."""
        return self.trial == ENSEMBLE

    @property
    def label(self) -> str:
        """What people call it: `#0007`, or `ensemble`."""
        return ENSEMBLE if self.is_ensemble else f"#{self.trial}"


@dataclass(frozen=True)
class ExportRow:
    """One exported format, scored again in a fresh process.

    Attributes:
        format: `savedmodel`, `keras`, `onnx` or `litert`.
        path: Where it lies, relative to the run.
        size_mb: Size on disk, in 10^6 bytes.
        test_score: Score on the test split, from the export itself.
        max_difference: Largest difference to the trained model: of a probability, or
            of a regression's value in standard deviations of its target.
        latency_ms: Median and 95th percentile of one call of the export, in
            milliseconds, by batch size; empty where it was not timed.
        quantize: The precision of LiteRT's weights; `none` is float32.
    """

    format: str
    path: str
    size_mb: float
    test_score: float
    max_difference: float
    latency_ms: Mapping[int, tuple[float, float]] = field(default_factory=dict)
    quantize: str = "none"


@dataclass(frozen=True)
class EnsembleRow:
    """The ensemble that was asked for, and how it compares with the single model.

    Attributes:
        row: Its scores and costs; its `trial` is `ENSEMBLE`, and it is `recommended`
            if it is what was exported.
        single: The trial it is compared with.
        members: Trial and weight of each model, the heaviest first; a single one
            where no mean of several was better on validation.
        gain: How much better than the single model it is on test; negative where it
            is worse, `None` where nothing was compared.
        gain_interval: The 95 % interval of the gain.
        single_latency_ms: Median latency of the single model, where it was measured
            beside the ensemble's.
    """

    row: TrialRow
    single: str
    members: tuple[tuple[str, float], ...]
    gain: float | None = None
    gain_interval: tuple[float, float] | None = None
    single_latency_ms: float | None = None


@dataclass(frozen=True)
class RunReport:
    """A whole run, ready to be shown.

    Attributes:
        name: Name of the run, usually of its data.
        state: `running`, `interrupted`, `finished` or `failed`.
        task: `classification`, `multilabel` or `regression`.
        objective: For example `val_accuracy`.
        direction: `max` or `min`.
        seconds: Wall-clock time so far.
        workers: Number of worker processes.
        created: When the report was written, ISO 8601 in UTC.
        trials: Every trial; ranked ones first, in order of rank.
        data: The data set.
        verdict: Why the recommended model was chosen, in one or two sentences;
            empty while there is none.
        baseline_score: What the best answer that ignores its input scores on test.
        models: Details of the shortlisted models, the recommended first.
        exports: What was exported and how it scored.
        commands: What to type next: predict, evaluate, export.
        warnings: What a person should know before trusting the result.
        command: The command that made the run.
        reproduce: Label and value pairs: seed, versions, hardware, git commit, what
            stopped the search.
        importance: What the hyperparameters tell of the score; `None` while running.
        rungs: Epochs after which the strategy decides who goes on, ascending; empty
            for strategies that train every network out.
        fingerprint: Identity of the data, equal for equal data.
        ensemble: What came of the ensemble, where one was asked for.
        failed_exports: Format and reason of every export that was asked for and is
            not handed over.
        ensemble_verdict: Whether the ensemble pays, and what it costs.
        request: What the search was asked for, by the names of its fields.
        missing: What the report needs and no longer finds, one sentence each; they
            are among `warnings` too.
    """

    name: str
    state: str
    task: str
    objective: str
    direction: str
    seconds: float
    workers: int
    created: str
    trials: tuple[TrialRow, ...]
    data: DataSummary
    verdict: str = ""
    baseline_score: float | None = None
    models: tuple[ModelDetail, ...] = ()
    exports: tuple[ExportRow, ...] = ()
    commands: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    command: str = ""
    reproduce: tuple[tuple[str, str], ...] = ()
    importance: Importance | None = None
    rungs: tuple[int, ...] = ()
    fingerprint: str = ""
    ensemble: EnsembleRow | None = None
    failed_exports: tuple[tuple[str, str], ...] = ()
    ensemble_verdict: str = ""
    request: Mapping[str, Any] = field(default_factory=dict)
    missing: tuple[str, ...] = ()

    @property
    def recommended(self) -> TrialRow | None:
        """What is recommended, if there is anything yet: an ensemble, or a trial."""
        if self.ensemble is not None and self.ensemble.row.recommended:
            return self.ensemble.row
        return next((row for row in self.trials if row.recommended), None)

    @property
    def comparable(self) -> tuple[TrialRow, ...]:
        """The trials whose validation scores can be compared with that of the best.

        A mean over folds and a score on one split are not of one kind: where some
        trials were cross-validated, these alone; else all.
        """
        return tuple(row for row in self.trials if row.cross_validated) or self.trials

    @property
    def cross_validated(self) -> bool:
        """Whether some trials were cross-validated."""
        return any(row.cross_validated for row in self.trials)

    def row_of(self, trial: str) -> TrialRow | None:
        """Return the row of a trial, or of the ensemble by its name, if it is there."""
        rows = (*self.trials, *([self.ensemble.row] if self.ensemble else []))
        return next((row for row in rows if row.trial == trial), None)
