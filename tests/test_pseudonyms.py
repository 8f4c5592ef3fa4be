"""PSEUDONYMS: a report that carries no real id, anywhere in its folder."""

import json
import subprocess

import pytest

import followback as fb
from followback import report, synth
from followback._report.hidden import Pseudonyms
from followback.files import write_follows


@pytest.fixture(scope="module")
def follows(tmp_path_factory):
    g, _ = synth.plant_rings(synth.follow_network(800, 6_000, seed=3), [(15, 0.9)], seed=3)
    table = g.to_table().to_pandas().map(lambda i: f"=Zora{i:05}")
    path = tmp_path_factory.mktemp("data") / "Zora00007-and-friends.csv"
    write_follows(fb.read(table), path)
    return path


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    return tmp_path_factory.mktemp("key") / "key"


@pytest.fixture(scope="module")
def run(follows, key, tmp_path_factory):
    out = tmp_path_factory.mktemp("out")
    return report.run("10-ring-report", {"follows": follows}, out=out, pseudonym_key=key)


def test_grep_finds_no_real_id(run, follows):
    found = subprocess.run(
        ["grep", "-rliaE", "zora00", run.parent], check=False, capture_output=True, text=True
    )
    assert (found.returncode, found.stdout) == (1, "")
    text = follows.read_text().lower()
    assert text.count("zora00") == text.count("zora") > 0
    members = fb.files.read_table(run / "tables" / "members.csv")
    assert len(members) >= 15
    assert members["account"].str.fullmatch("p[0-9a-f]{16}").all()
    assert "Account ids are pseudonyms" in (run / "report.html").read_text()


def test_the_key_is_outside_secret_and_not_in_the_folder(run, key):
    assert key.stat().st_mode & 0o077 == 0
    secret = key.read_text().strip()
    assert len(secret) == 64
    assert not [f for f in run.rglob("*") if f.is_file() and secret.encode() in f.read_bytes()]
    with pytest.raises(fb.CallError, match="keep it in another folder"):
        report.run("10-ring-report", out=run.parent, pseudonym_key=run.parent / "key")
    short = key.with_name("short")
    short.write_text("1")
    with pytest.raises(fb.CallError, match="shorter than"):
        report.run("10-ring-report", out=run.parent, pseudonym_key=short)


def test_the_same_key_gives_the_same_run_another_key_another(run, follows, key, monkeypatch):
    monkeypatch.setattr(report, "execute", lambda *_args, **_options: pytest.fail("ran again"))
    again = report.run("10-ring-report", {"follows": follows}, out=run.parent, pseudonym_key=key)
    assert again == run
    with pytest.raises(pytest.fail.Exception, match="ran again"):
        report.run("10-ring-report", {"follows": follows}, out=run.parent,
                   pseudonym_key=key.with_name("other"))  # fmt: skip


def test_it_verifies_with_its_input_and_its_key(run, follows, key):
    with pytest.raises(fb.CallError, match="give the key"):
        report.verify(run, inputs={"follows": follows})
    assert report.verify(run, inputs={"follows": follows}, pseudonym_key=key).differences == ()


def test_the_rings_are_those_of_the_real_accounts_under_pseudonyms(run, follows, key):
    rings = fb.find_rings(fb.read(follows))
    listed = fb.files.read_table(run / "tables" / "members.csv")
    with Pseudonyms.maybe(key, run.parent) as pseudonyms:
        names = [pseudonyms.of(account) for account in rings.members["account"]]
    assert sorted(zip(listed["ring"], listed["account"], strict=True)) == sorted(
        zip(rings.members["ring"], names, strict=True)
    )
    assert fb.files.read_table(run / "tables" / "rings.csv")["verdict"].tolist() == (
        rings.table["verdict"].tolist()
    )


def test_text_parameters_give_no_name_away(follows, key, tmp_path):
    text = {"follows": follows, "obtained": "collected around =Zora00007."}
    with pytest.raises(fb.CallError, match="parameter obtained: it holds the account"):
        report.run("10-ring-report", text, out=tmp_path / "out", pseudonym_key=key)
    assert not (tmp_path / "out").exists() or not [*(tmp_path / "out").glob("10*")]


def test_lists_of_accounts_and_single_ones_are_replaced(key, tmp_path, monkeypatch):
    import nbformat
    from nbformat.v4 import new_code_cell, new_notebook

    (tmp_path / "f.csv").write_text("Zora1,Zora2\nZora2,Zora1\n")
    (tmp_path / "who.txt").write_text("Zora1\n\nZora2\n")
    parameters = (
        'follows: list["Path"] = []\nwho: "Path | None" = None\n'
        "account: str = ''\nn: int = 1\nnames: list[str] = []"
    )
    cells = [
        new_code_cell(parameters, metadata={"tags": ["parameters"]}),
        new_code_cell(
            "import followback as fb\nprint(follows, who, account, names)\n"
            "g = fb.read(follows[0])\nlines = open(who).read().split()\n"
            "assert sorted(lines) == sorted(g.accounts) and {account, *names} == set(lines)\n1 / n"
        ),
    ]
    nbformat.write(new_notebook(cells=cells), tmp_path / "n.ipynb")
    given = {
        "follows": tmp_path / "f.csv", "who": tmp_path / "who.txt", "account": "Zora2",
        "names": "Zora1",
    }  # fmt: skip
    given["follows"] = [given["follows"]]
    run = report.run(tmp_path / "n.ipynb", given, out=tmp_path / "out", pseudonym_key=key)
    record = json.loads((run / "run.json").read_text())
    assert [i["name"] for i in record["inputs"]] == ["follows-1.parquet", "who.txt"]
    with pytest.raises(report.RunError):
        report.run(tmp_path / "n.ipynb", {**given, "n": 0}, out=tmp_path / "out", pseudonym_key=key)
    files = [f for f in (tmp_path / "out").rglob("*") if f.is_file()]
    assert len(files) > 6
    assert [f for f in files if b"Zora" in f.read_bytes()] == []
