"""What all answers have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Answer(BaseModel):
    """An answer holds the fields that are declared, and no other."""

    model_config = ConfigDict(extra="forbid")
