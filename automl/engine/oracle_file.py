"""The strategy's knowledge on disk, from which a search goes on."""

from __future__ import annotations

from collections.abc import Sized

from automl.errors import RequestError
from automl.oracles.record import Recorder, restore
from automl.oracles.strategy import Strategy
from automl.run.directory import RunDirectory
from automl.run.lines import append_line, read_lines, write_lines


class OracleFile:
    """What a strategy knows, one line for each thing that happened.

    A kill between two lines loses nothing that counts: a trial without its line was
    not begun, or is asked of its record again.
    """

    def __init__(self, run: RunDirectory, oracle: Strategy, *, records: Sized) -> None:
        """Give a new strategy what an earlier session wrote, and write it in one line.

        Args:
            run: Where it is written.
            oracle: The strategy, new.
            records: The trials on record.

        Raises:
            RequestError: If there are trials that no strategy remembers.
        """
        self.path = run.oracle_file
        self.oracle = oracle
        if self.path.exists():
            restore(oracle, read_lines(self.path))
        elif records:
            raise RequestError(
                f"{run.path} holds {len(records)} trials but no {self.path.name}: "
                "another version began it; search anew with another --out."
            )
        self._recorder = Recorder()
        write_lines(self.path, [self._recorder.changes(oracle)])

    def save(self) -> None:
        """Write what is new."""
        append_line(self.path, self._recorder.changes(self.oracle))
