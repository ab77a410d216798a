"""JSON Schemas of the files that people write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal


def schema(kind: Literal["plan", "rules"]) -> dict[str, Any]:
    """The JSON Schema (2020-12) of plans or rule files, for editors that complete and check them.

    Parameters
    ----------
    kind : {"plan", "rules"}

    Raises
    ------
    ValueError
        For another kind.
    """
    if kind not in ("plan", "rules"):
        raise ValueError(f"there is a schema of 'plan' and one of 'rules', not of {kind!r}")
    file = Path(__file__).parent / "schema" / f"{kind}.schema.json"
    content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return content
