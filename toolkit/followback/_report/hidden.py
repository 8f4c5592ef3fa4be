"""Runs under pseudonyms: ids are replaced before a notebook sees them; see `pseudonyms`."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._errors import CallError
from ..pseudonyms import pseudonym, pseudonymise, read_key

if TYPE_CHECKING:
    import os

    from .parameters import Parameter


class Pseudonyms:
    """A key, and a folder outside the reports for the inputs it was applied to."""

    def __init__(self, key: bytes, folder: Path) -> None:
        self._key = key
        self._folder = folder
        self._ids: set[str] = set()

    @classmethod
    @contextmanager
    def maybe(
        cls, key_file: str | os.PathLike[str] | None, reports: Path
    ) -> Iterator[Pseudonyms | None]:
        """Give pseudonyms where a key file is named, else None; clean up after."""
        if key_file is None:
            yield None
            return
        key = read_key(Path(key_file), reports)
        folder = Path(tempfile.mkdtemp(prefix="followback-"))
        try:
            yield cls(key, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def of(self, account: Any) -> str:
        """Return the pseudonym of an id."""
        return pseudonym(account, self._key)

    def applied(
        self,
        record: dict[str, Any],
        known: Mapping[str, Parameter],
        values: Mapping[str, Any],
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return record and values that name pseudonymised copies of the inputs.

        Raises
        ------
        CallError
            A text parameter holds an account's id within a sentence.
        """
        changed = {
            name: self._inputs(name, values[name]) if p.kind.holds_paths else values[name]
            for name, p in known.items()
        }
        for name, parameter in known.items():
            if not parameter.kind.holds_paths:
                changed[name] = self._plain(name, values[name])

        record = json.loads(json.dumps(record))
        for entry in record["parameters"]:
            value = changed[entry["name"]]
            entry.pop("given", None)
            if known[entry["name"]].kind.holds_paths:
                files = value if isinstance(value, list) else [value]
                entry["shown"] = ", ".join(Path(file).name for file in files if file)
                entry["value"] = entry["shown"]
            else:
                plain = value if isinstance(value, list) else [value]
                entry["value"] = value
                entry["shown"] = "" if value is None else ", ".join(map(str, plain))
        names = [
            Path(file).name
            for name, p in known.items()
            if p.kind.holds_paths and changed[name]
            for file in (changed[name] if isinstance(changed[name], list) else [changed[name]])
        ]
        for entry, name in zip(record["inputs"], names, strict=True):
            entry |= {"name": name, "path": None}
        record["pseudonyms"] = self.of("followback")  # tells one key from another
        return {**record, "key": _key_of(record)}, changed

    def hide_places(self, executed: Path) -> None:
        """Take the folder of the copies out of the executed notebook: only names stay."""
        text = executed.read_text(encoding="utf-8")
        executed.write_text(text.replace(f"{self._folder}/", ""), encoding="utf-8")

    def _inputs(self, name: str, value: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, list):
            return [self._input(f"{name}-{k}", Path(file)) for k, file in enumerate(value, 1)]
        return self._input(name, Path(value))

    def _input(self, name: str, file: Path) -> str:
        """Write a copy of a file of follows, or of a list of accounts, with pseudonyms."""
        if _is_list(name, file):
            accounts = file.read_text(encoding="utf-8-sig").split("\n")
            ids = [account.strip() for account in accounts]
            target = self._folder / f"{name}.txt"
            lines = [self.of(i) if i and not i.startswith("#") else "" for i in ids]
            target.write_text("\n".join(lines), encoding="utf-8")
            self._ids |= set(ids)
            return str(target)
        return str(self._follows(name, file))

    def _follows(self, name: str, file: Path) -> Path:
        from ..files import write_follows
        from ..sources import read

        graph = read(file)
        self._ids |= {str(account) for account in graph.accounts}
        hidden = pseudonymise(graph, self._key)
        # a saved graph also holds how it was collected, which no table can
        table = graph.collection.is_plain
        target = self._folder / (f"{name}.parquet" if table else name)
        write_follows(hidden, target)
        return target

    def _plain(self, name: str, value: Any) -> Any:
        """Replace a text that is an account's id; refuse one that only contains it."""
        if isinstance(value, list):
            return [self._plain(name, item) for item in value]
        if not isinstance(value, str):
            return value
        if value in self._ids:
            return self.of(value)
        within = self._ids.intersection(re.findall(r"[^\s,;:!?()\"']+", value))
        within |= {word.strip(".@") for word in value.split()} & self._ids
        if within:
            raise CallError(
                f"parameter {name}: it holds the account {min(within)!r}; say it without names"
            )
        return value


def _is_list(name: str, file: Path) -> bool:
    """Say whether a file lists accounts, not follows: by its parameter, else one word a line.

    Lists of follows too may end in .txt, such as SNAP's and TikTok's.
    """
    if name == "participants" or file.suffix != ".txt":
        return name == "participants"
    lines = file.read_text(encoding="utf-8-sig", errors="replace").split("\n")
    rows = [line.strip() for line in lines if not line.startswith("#")]
    return not any(re.search(r"[\s,;|]", row) for row in rows)


def _key_of(record: Mapping[str, Any]) -> str:
    from .record import key_of

    return key_of(record)
