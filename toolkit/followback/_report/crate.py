"""The run as research object: ro-crate-metadata.json after Process Run Crate 0.5.

See <https://w3id.org/ro/wfrun/process/0.5>. The file is made from run.json alone, so
whoever has the one can check the other.
"""

from __future__ import annotations

import json
import mimetypes
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .record import CRATE, RECORD, size_and_digest

_PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
_CONTEXT = "https://w3id.org/ro/terms/workflow-run/context"
_BY_HAND = {".ipynb": "application/x-ipynb+json", ".json": "application/json", ".csv": "text/csv"}
_LICENCE = "No licence is given: ask the author before you pass these results on."


def write_crate(made: Path, record: Mapping[str, Any]) -> None:
    """Write ``ro-crate-metadata.json``."""
    (made / CRATE).write_text(crate_text(made, record), encoding="utf-8")


def crate_text(made: Path, record: Mapping[str, Any]) -> str:
    """Return the crate of a run: the program, the notebook, what it read, what it made."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library announces its own future
        from rocrate.model import ContextEntity
        from rocrate.rocrate import ROCrate

    def described(identifier: str, kind: str, **properties: Any) -> Any:
        return crate.add(ContextEntity(crate, identifier, {"@type": kind, **properties}))

    crate = ROCrate(version="1.1")
    crate.metadata.extra_contexts.append(_CONTEXT)
    crate.name = record["title"]
    crate.description = f"A run of the notebook {record['notebook']['name']} by followback"
    crate.license = _LICENCE
    crate.root_dataset["datePublished"] = record["ended"]
    profile = described(_PROFILE, "CreativeWork", name="Process Run Crate", version="0.5")
    crate.root_dataset["conformsTo"] = profile

    version = record["packages"]["followback"]
    program = described(
        "#followback",
        "SoftwareApplication",
        name="followback",
        softwareVersion=version,
    )
    results = [_file(crate, made, entry) for entry in record["outputs"]]
    results.append(_file(crate, made, {"name": RECORD, **size_and_digest(made / RECORD)}))
    inputs = [
        described(
            f"#input-{k}",
            "CreativeWork",
            name=entry["name"],
            contentSize=str(entry["bytes"]),
            sha256=entry["sha256"],
        )
        for k, entry in enumerate(record["inputs"], 1)
    ]
    inputs += [
        described(
            f"#parameter-{p['name']}",
            "PropertyValue",
            name=p["name"],
            value=p["shown"],
            description=p["help"],
        )
        for p in record["parameters"]
    ]
    action = crate.add_action(
        program,
        f"#run-{record['key']}",
        object=inputs,
        result=results,
        properties={
            "name": f"{record['title']}, run {record['key']}",
            "startTime": record["started"],
            "endTime": record["ended"],
            "actionStatus": "http://schema.org/CompletedActionStatus",
            "description": f"notebook sha256 {record['notebook']['sha256']}",
        },
    )
    crate.root_dataset["mentions"] = [action]
    return json.dumps(crate.metadata.generate(), indent=1) + "\n"


def _file(crate: Any, made: Path, entry: Mapping[str, Any]) -> Any:
    name = entry["name"]
    kind = _BY_HAND.get(Path(name).suffix) or mimetypes.guess_type(name)[0]
    properties = {
        "name": name,
        "contentSize": str(entry["bytes"]),
        "sha256": entry["sha256"],
        "encodingFormat": kind or "application/octet-stream",
    }
    return crate.add_file(made / name, dest_path=name, properties=properties)
