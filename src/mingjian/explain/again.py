"""Run a warning's model again for its one subject, on the snapshots it was made from: with other values, without a row."""

from __future__ import annotations

from types import TracebackType
from typing import Any

from sqlalchemy import Row

from mingjian.detect.engine import Engine, open_engine
from mingjian.detect.evaluate import findings_of
from mingjian.detect.outliers.room import kept_fits
from mingjian.detect.sql import literal
from mingjian.detect.tables import reads, show
from mingjian.domain.errors import RuleError
from mingjian.domain.model import Model
from mingjian.run import Run


class Again:
    """The model, narrowed to one subject where it is a rule; a statistical model needs all its peers each time."""

    def __init__(self, run: Run, model: Model, row: Row[Any]) -> None:
        self.run = run
        self.row = row
        self.model = _for_subject(model, row.subject_id)
        self.engine = open_engine(run.home / "spill")

    def __enter__(self) -> Again:
        show(
            self.engine,
            self.run.lake,
            self.run.content.tables,
            self.row.lake,
            set(reads(self.model)) - set(self.row.lake),
        )
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.engine.close()

    def fires(self, params: dict[str, Any]) -> bool:
        """Whether the subject is still hit, in whatever period, with these values."""
        worker = self.engine.worker()
        try:
            return self._hit(worker, params)
        finally:
            worker.close()

    def fires_without(self, table: str, key: dict[str, Any]) -> bool:
        """Whether the subject is still hit when this row had not been there."""
        worker = self.engine.worker()
        try:
            same = " AND ".join(f'CAST("{c}" AS STRING) = {literal(str(v))}' for c, v in key.items())
            worker.keep(f"{table}_rest", f'SELECT * FROM "{table}" WHERE NOT ({same})')
            worker.alias(table, f"{table}_rest")
            return self._hit(worker, self.row.params)
        finally:
            worker.close()

    def _hit(self, worker: Engine, params: dict[str, Any]) -> bool:
        day, tables = self.row.last_seen, self.run.content.tables
        try:
            with kept_fits(self.run, self.row.lake):
                found = findings_of(worker, self.model, tables, day, overrides=params)
        except RuleError:
            return True  # values the model cannot run with are no way to silence it
        return any(f.subject_id == self.row.subject_id for f in found)


def _for_subject(model: Model, subject: str) -> Model:
    if model.query is None:
        return model.model_copy(update={"evidence": []})
    column, query = model.subject.column, model.query.rstrip().rstrip(";")
    one = f'SELECT * FROM (\n{query}\n) one WHERE CAST("{column}" AS STRING) = {literal(subject)}'
    return model.model_copy(update={"query": one, "evidence": []})
