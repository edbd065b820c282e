"""How a trial ends early."""


class TrialFailedError(RuntimeError):
    """This trial can't go on; the search can. The message is the trial's reason."""


class TrialSkippedError(RuntimeError):
    """This trial is not to be trained. The message is the trial's reason."""
