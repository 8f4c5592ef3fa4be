"""Verify a run: is the folder as it was made, and does making it again give the same."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._errors import CallError, FollowbackError
from . import record as _record
from .parameters import checked, declared

if TYPE_CHECKING:
    import pandas as pd

# Tables are written with six digits; another processor may round the last one otherwise.
RELATIVE, ABSOLUTE = 2e-6, 1e-12
PIXELS = 0.0  # share of a picture's pixels that may differ; its bytes may, if no pixel does


@dataclass(frozen=True)
class Verified:
    """What verifying found.

    ``differences`` is empty where the run verifies; ``same`` counts the tables and
    figures that came out equal; ``versions`` lists packages that are not as they were.
    """

    differences: tuple[str, ...]
    same: int
    versions: tuple[str, ...]


def verify(
    folder: str | os.PathLike[str],
    *,
    inputs: Mapping[str, str | os.PathLike[str]] | None = None,
    pseudonym_key: str | os.PathLike[str] | None = None,
    timeout: float | None = None,
) -> Verified:
    """Check a run's folder against its record, execute it again and compare.

    First the folder: every file has the bytes that run.json tells, run.json those that
    the RO-Crate tells, and the folder's name agrees with the parameters. Then the
    inputs. Then the notebook inside is run again with the recorded parameters, and
    tables are compared cell by cell (numbers within 2e-6 of their size, for six digits
    are written), pictures pixel by pixel.

    Parameters
    ----------
    folder
        The run's folder.
    inputs
        Where the inputs are now, by parameter, if not where they were.
    pseudonym_key
        The key, for a run with pseudonyms.
    timeout
        Of the whole run, in seconds.

    Returns
    -------
    Verified
        Its ``differences`` are empty where the run verifies.

    Raises
    ------
    CallError
        The folder holds no finished run, or an input or the key is needed.
    FollowbackError
        The notebook inside is not the one that run.json tells, or does not run to its end.

    Examples
    --------
    >>> verify("nowhere")
    Traceback (most recent call last):
    followback._errors.CallError: nowhere holds no finished run; name a folder that has run.json in it
    """
    place = Path(folder).resolve()
    record = _record.read(place)
    if record is None or record["status"] != "ok":
        raise CallError(f"{folder} holds no finished run; name a folder that has run.json in it")
    found = [*_altered(place, record)]
    if found:  # what was changed afterwards cannot be made again
        return Verified(tuple(found), 0, ())

    with tempfile.TemporaryDirectory(prefix="followback-") as again:
        made = _again(place, record, Path(again), inputs or {}, pseudonym_key, timeout)
        fresh = _record.read(made) or {}
        found = [*_other_inputs(record, fresh)]
        same, differences = _compared(place, made)
    return Verified((*found, *differences), same, tuple(_other_versions(record, fresh)))


def _altered(place: Path, record: Mapping[str, Any]) -> Iterator[str]:
    """Name the files that are not as the records tell."""
    from .crate import crate_text

    told = {entry["name"]: entry for entry in record["outputs"]}
    there = {entry["name"]: entry for entry in _record.outputs(place)}
    for name in sorted(told.keys() | there.keys()):
        if name not in there:
            yield f"{name} is missing"
        elif name not in told:
            yield f"{name} does not belong to the run"
        elif there[name] != told[name]:
            yield f"{name} was changed after the run"
    if record["key"] != _record.key_of(record) or not place.name.endswith(f"-{record['key']}"):
        yield "run.json: notebook, parameters, inputs or versions do not agree with the folder's name"
    crate = place / _record.CRATE
    if not crate.is_file():
        yield f"{_record.CRATE} is missing"
    elif not [*told.keys() - there.keys()] and crate.read_text("utf-8") != crate_text(
        place, record
    ):
        yield f"run.json or {_record.CRATE} was changed after the run: they do not agree"


def _again(
    place: Path,
    record: Mapping[str, Any],
    folder: Path,
    inputs: Mapping[str, str | os.PathLike[str]],
    key: str | os.PathLike[str] | None,
    timeout: float | None,
) -> Path:
    """Execute the notebook in the run's folder once more, elsewhere."""
    import nbformat

    from ..report import run
    from .execute import read_notebook

    template = read_notebook(place / "executed.ipynb")
    if _record.template_digest(template) != record["notebook"]["sha256"]:
        raise FollowbackError(f"{place}: executed.ipynb is not of the notebook that run.json tells")
    path = folder / Path(record["notebook"]["name"]).name
    nbformat.write(template, path)
    known = declared(template, path)
    values = {p["name"]: p["value"] for p in record["parameters"]}
    for name in known:
        if known[name].kind.holds_paths and name in inputs:
            values[name] = os.fspath(inputs[name])
    if "pseudonyms" in record and key is None:
        raise CallError(f"{place} has pseudonyms; give the key they were made with")
    try:
        checked(known, values, path)
    except CallError as error:
        raise CallError(f"{error}; say where inputs are now with --input name=path") from error
    return run(path, values, out=folder / "runs", timeout=timeout, pseudonym_key=key)


def _other_inputs(record: Mapping[str, Any], fresh: Mapping[str, Any]) -> Iterator[str]:
    for then, now in zip(record["inputs"], fresh["inputs"], strict=True):
        if then["sha256"] != now["sha256"]:
            yield f"input {then['name']} is not the file that the run read (sha256 differs)"
    if record.get("pseudonyms") != fresh.get("pseudonyms"):
        yield "the key is not the one that the pseudonyms were made with"


def _other_versions(record: Mapping[str, Any], fresh: Mapping[str, Any]) -> Iterator[str]:
    then = {"python": record["python"], **record["packages"]}
    now = {"python": fresh["python"], **fresh["packages"]}
    for name, version in then.items():
        if version != now.get(name):
            yield f"{name} was {version}, is {now.get(name)}"
    if record["code"] != fresh["code"]:
        yield "followback's own code has changed"


def _compared(then: Path, now: Path) -> tuple[int, list[str]]:
    """Compare tables and figures; return how many are the same and what differs."""
    names = {
        file.relative_to(folder).as_posix()
        for folder in (then, now)
        for file in [*(folder / "tables").iterdir(), *(folder / "figures").iterdir()]
    }
    same, found = 0, []
    for name in sorted(names):
        if not (then / name).is_file():
            found.append(f"{name} was not made then")
            continue
        if not (now / name).is_file():
            found.append(f"{name} is no longer made")
            continue
        if (then / name).read_bytes() == (now / name).read_bytes():
            same += 1
            continue
        differences = _table if name.endswith(".csv") else _picture
        here = [f"{name}: {difference}" for difference in differences(then / name, now / name)]
        same += not here
        found += here
    return same, found


def _table(then: Path, now: Path) -> Iterator[str]:
    """Name the columns of a table that moved, and by how much."""
    from ..files import read_table

    old, new = read_table(then), read_table(now)
    if list(old.columns) != list(new.columns):
        yield f"the columns differ: {', '.join(sorted({*old.columns} ^ {*new.columns}))}"
        return
    if len(old) != len(new):
        yield f"it had {len(old)} rows, now it has {len(new)}"
        return
    for name in old.columns:
        yield from _column(name, old[name], new[name])


def _column(name: str, old: pd.Series, new: pd.Series) -> Iterator[str]:
    import numpy as np
    import pandas as pd

    if pd.api.types.is_numeric_dtype(old) and pd.api.types.is_numeric_dtype(new):
        a, b = old.to_numpy(dtype=float), new.to_numpy(dtype=float)
        off = ~np.isclose(a, b, rtol=RELATIVE, atol=ABSOLUTE, equal_nan=True)
        if off.any():
            apart = np.abs(a - b)[off]
            most = f", by up to {np.nanmax(apart):.3g}" if not np.isnan(apart).all() else ""
            yield f"column {name} moved in {off.sum()} of {len(off)} rows{most}"
        return
    rows = (old.astype(str) != new.astype(str)).sum()
    if rows:
        yield f"column {name} differs in {rows} of {len(old)} rows"


def _picture(then: Path, now: Path) -> Iterator[str]:
    import numpy as np
    from matplotlib.image import imread

    old, new = imread(then), imread(now)
    if old.shape != new.shape:
        yield f"the picture has another size, {old.shape[1::-1]} then, {new.shape[1::-1]} now"
        return
    share = float(np.any(old != new, axis=-1).mean())
    if share > PIXELS:
        yield f"the picture differs in {share:.2%} of its pixels"
