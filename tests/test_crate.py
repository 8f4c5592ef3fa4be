"""The research object beside a run: valid by the validator, and made of run.json alone."""

import io
import json
from importlib.resources import files
from types import SimpleNamespace

import pytest

from followback._report import crate as _crate
from followback._report import record as _record

pytestmark = pytest.mark.filterwarnings("ignore")  # the validator's own

_TERMS = "https://w3id.org/ro/terms/workflow-run#"
# Of the workflow-run context, the term that a run uses.
WORKFLOW = {"@context": {"sha256": f"{_TERMS}sha256"}}


@pytest.fixture
def validate(monkeypatch):
    """Validate a folder without a network: the contexts come from the packages."""
    import rdflib.parser
    from rocrate_validator import services
    from rocrate_validator.utils.http import HttpRequester

    shipped = files("rocrate").joinpath("data/ro-crate.jsonld").read_text()

    def context(url):
        if url == "https://w3id.org/ro/crate/1.1/context":
            return shipped
        assert url == "https://w3id.org/ro/terms/workflow-run/context"
        return json.dumps(WORKFLOW)

    def answer(_self, url, **_options):
        headers = {"Content-Type": "application/ld+json"}
        text = context(url)
        return SimpleNamespace(
            status_code=200, headers=headers, text=text, json=lambda: json.loads(text)
        )

    def opened(request):
        from email.message import Message
        from urllib.response import addinfourl

        headers = Message()
        headers["Content-Type"] = "application/ld+json"
        url = request.full_url
        return addinfourl(io.BytesIO(context(url).encode()), headers, url, 200)

    monkeypatch.setattr(HttpRequester, "get", answer, raising=False)
    monkeypatch.setattr(rdflib.parser, "_urlopen", opened)

    def check(folder):
        settings = services.ValidationSettings(
            rocrate_uri=str(folder), profile_identifier="process-run-crate-0.5"
        )
        result = services.validate(settings)
        return [f"{issue.check.identifier}: {issue.message}" for issue in result.get_issues()]

    return check


@pytest.fixture
def folder(tmp_path):
    """A run's folder, made without a run."""
    made = tmp_path / "run-0123456789"
    (made / "tables").mkdir(parents=True)
    (made / "tables" / "a b.csv").write_text("x\n1\n")
    (made / "report.html").write_text("<p>")
    record = {
        "key": "0123456789",
        "status": "ok",
        "title": "A <b>title</b>",
        "notebook": {"name": "n.ipynb", "sha256": "0" * 64},
        "packages": {"followback": "0.1.0"},
        "parameters": [{"name": "n", "shown": "5", "help": "a number"}],
        "inputs": [{"name": "../x.csv", "bytes": 4, "sha256": "1" * 64}],
        "started": "2026-01-01T00:00:00+00:00",
        "ended": "2026-01-01T00:00:09+00:00",
        "outputs": _record.outputs(made),
    }
    _record.write(made, record)
    _crate.write_crate(made, record)
    return made


@pytest.mark.slow
def test_the_crate_is_a_process_run_crate(folder, validate):
    assert validate(folder) == []


@pytest.mark.slow
def test_the_validator_would_find_a_crate_without_its_program(folder, validate):
    path = folder / _record.CRATE
    crate = json.loads(path.read_text())
    for entity in crate["@graph"]:
        entity.pop("instrument", None)
    path.write_text(json.dumps(crate))
    assert validate(folder) != []


def test_the_crate_follows_from_the_record(folder):
    record = _record.read(folder)
    text = (folder / _record.CRATE).read_text()
    assert _crate.crate_text(folder, record) == text
    graph = {entity["@id"]: entity for entity in json.loads(text)["@graph"]}
    action = graph["#run-0123456789"]
    assert action["@type"] == "CreateAction"
    assert graph[action["instrument"]["@id"]]["softwareVersion"] == "0.1.0"
    made = {entity["@id"] for entity in action["result"]}
    assert made == {"report.html", "tables/a%20b.csv", "run.json"}
    assert graph["#parameter-n"]["value"] == "5"
    assert graph["report.html"]["sha256"] == record["outputs"][0]["sha256"]
