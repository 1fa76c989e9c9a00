"""Where a simulated shop that goes on stands: arrays in one file beside its truth, exchanged as a whole."""

import json
import os
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from schwung.simulation.going_on import Folk
from schwung.simulation.life import Coming, Life


def keep(life: Life, laws: dict[str, Any], file: Path) -> None:
    """In the place of the file of before, as a whole or not at all."""
    arrays = {f"folk_{one.name}": getattr(life.folk, one.name) for one in fields(Folk)}
    arrays |= {f"coming_{one.name}": getattr(life.coming, one.name) for one in fields(Coming)}
    arrays |= {name: getattr(life, name) for name in ("grudge_until", "grudge_by", "had_who", "had_at")}
    fresh = file.with_suffix(".new.npz")
    with fresh.open("wb") as out:
        np.savez(out, days=np.array(life.days), laws=np.array(json.dumps(laws, sort_keys=True)), **arrays)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)


def kept(file: Path) -> tuple[Life, dict[str, Any]] | None:
    """With the laws by which it went on; None: it has not gone on yet."""
    if not file.exists():
        return None
    with np.load(file) as read:
        folk = Folk(*(read[f"folk_{one.name}"] for one in fields(Folk)))
        rest = Coming(*(read[f"coming_{one.name}"] for one in fields(Coming)))
        others = (read[name] for name in ("grudge_until", "grudge_by", "had_who", "had_at"))
        return Life(int(read["days"]), folk, rest, *others), json.loads(str(read["laws"]))
