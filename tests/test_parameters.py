"""Parameters are read from the syntax of their cell and checked before anything runs."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

import followback as fb
from followback._report.kinds import Kind
from followback._report.parameters import (
    Parameter,
    as_options,
    checked,
    declared,
    from_file,
    from_options,
    injected,
)


def notebook(source, n_cells=1):
    cells = [new_code_cell(source, metadata={"tags": ["parameters"]}) for _ in range(n_cells)]
    return new_notebook(cells=cells)


CELL = """\
follows: "Path" = "follows.csv"  # a file = with # marks
min_size: int = 5  # smallest ring
alpha: float = 0.05
note: str = "a=b # c"  # hash and equals
deep: bool = True"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "follows.csv").write_text("1,2\n")
    (tmp_path / "other.csv").write_text("1,2\n")
    return tmp_path / "report.ipynb"


def test_names_types_defaults_and_help(here):
    known = declared(notebook(CELL), here)
    assert list(known) == ["follows", "min_size", "alpha", "note", "deep"]
    assert known["min_size"] == Parameter("min_size", Kind("int"), 5, "smallest ring")
    assert known["note"] == Parameter("note", Kind("str"), "a=b # c", "hash and equals")
    assert known["follows"].help == "a file = with # marks"
    assert known["alpha"].help == ""


def test_text_becomes_the_declared_type(here):
    known = declared(notebook(CELL), here)
    given = {"follows": "other.csv", "min_size": "8", "alpha": "1e-3", "deep": "False", "note": "7"}
    values = checked(known, given, here)
    assert values == {
        "follows": str(here.parent / "other.csv"),
        "min_size": 8,
        "alpha": 0.001,
        "deep": False,
        "note": "7",
    }
    assert checked(known, {}, here)["follows"] == str(here.parent / "follows.csv")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"min_sise": 5}, "no parameter 'min_sise'; did you mean 'min_size'"),
        ({"zzz": 5}, "it has follows, min_size"),
        ({"min_size": "five"}, "'five' is not a whole number"),
        ({"min_size": "5.5"}, "'5.5' is not a whole number"),
        ({"min_size": "9" * 5000}, "9{79}… is not a whole number"),
        ({"min_size": True}, "True is not of type int"),
        ({"alpha": "much"}, "'much' is not a number"),
        ({"alpha": "nan"}, "'nan' is not a finite number"),
        ({"alpha": [1]}, "is not a number"),
        ({"note": 7}, "7 is not text; write it in quotes"),
        ({"deep": "1"}, "'1' is not true or false"),
        ({"follows": "none.csv"}, "there is no file"),
        ({"follows": ""}, "no file is named"),
        ({"min_sise": 5, "alpha": "much"}, "min_sise.*; parameter alpha"),
    ],
)
def test_wrong_parameters_are_refused_all_at_once(given, message, here):
    with pytest.raises(fb.CallError, match=message):
        checked(declared(notebook(CELL), here), given, here)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("x = 1", "line 1: write each parameter as"),
        ("x: int = 1\ny: set = {1}", "line 2: the type 'set'"),
        ("x: int = int(3)", "must be a plain value"),
        ("x: int = ", "line 1: "),
        ("x: int", "write a default"),
        ("x: int = 'five'", "'five' is not a whole number"),
        ("x: int | str = 5", "the type 'int | str'"),
        ("x: list[list[int]] = []", "is not one of"),
        ("x: 'Literal[1, \"a\"]' = 1", "is not one of"),
        ("x: 'dict[' = {}", "is not one of"),
        ("x: int = 1\nx: int = 2", "x stands there twice"),
        ("import os\nos.remove('x')", "line 2: write each parameter"),
        ("when: 'date' = '2024-02-31'", "is not a date"),
        ("when: date = date('2024')", "must be a plain value"),
    ],
)
def test_cells_that_do_not_declare_are_refused(source, message, here):
    with pytest.raises(fb.CallError, match=message):
        declared(notebook(source), here)


@pytest.mark.parametrize("count", [0, 2])
def test_exactly_one_cell_holds_the_parameters(count, here):
    with pytest.raises(fb.CallError, match=f"has {count} cells"):
        declared(notebook(CELL, count), here)


def test_a_value_is_data_never_code(here):
    bomb = "__import__('os').remove('follows.csv')"
    assert checked(declared(notebook(CELL), here), {"note": bomb}, here)["note"] == bomb
    nbformat.validate(notebook(CELL))


KINDS = """\
from datetime import date
from pathlib import Path
from typing import Literal, Optional

follows: Path = Path("follows.csv")  # an object
more: list["Path"] = []  # files
since: date = date(2024, 1, 31)  # first day
until: "date | None" = None
sizes: list[int] = [5, 8]  # of rings
names: list[str] = []
mode: Literal["fast", "full"] = "fast"
level: "Literal[1, 2]" = 1
limit: int | None = None
title: Optional[str] = None"""


def test_every_kind_of_parameter(here):
    known = declared(notebook(KINDS), here)
    assert {name: p.type for name, p in known.items()} == {
        "follows": "Path", "more": "list[Path]", "since": "date", "until": "date | None",
        "sizes": "list[int]", "names": "list[str]", "mode": "Literal['fast', 'full']",
        "level": "Literal[1, 2]", "limit": "int | None", "title": "str | None",
    }  # fmt: skip
    given = {
        "more": "other.csv,follows.csv", "since": "2023-12-01", "until": "2024-01-01",
        "sizes": "3, 4", "names": '["a,b", "c"]', "mode": "full", "level": "2", "limit": "7",
        "title": "none",
    }  # fmt: skip
    values = checked(known, given, here)
    assert values == {
        "follows": str(here.parent / "follows.csv"),
        "more": [str(here.parent / "other.csv"), str(here.parent / "follows.csv")],
        "since": "2023-12-01", "until": "2024-01-01", "sizes": [3, 4], "names": ["a,b", "c"],
        "mode": "full", "level": 2, "limit": 7, "title": "none",
    }  # fmt: skip
    assert checked(known, {"limit": "none", "title": ""}, here)["limit"] is None
    assert checked(known, {"limit": 3, "title": ""}, here)["title"] is None


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"mode": "slow"}, "'slow' is not one of fast, full"),
        ({"level": "high"}, "'high' is not one of 1, 2"),
        ({"sizes": "3,x"}, "'x' is not a whole number"),
        ({"sizes": 3}, "3 is not a list"),
        ({"sizes": "[3"}, "parameter sizes"),
        ({"since": "yesterday"}, "write it as 2024-01-31"),
        ({"since": ""}, "is not a date"),
        ({"more": ["none.csv"]}, "there is no file"),
        ({"limit": "few"}, "is not a whole number"),
    ],
)
def test_every_kind_refuses_what_it_is_not(given, message, here):
    with pytest.raises(fb.CallError, match=message):
        checked(declared(notebook(KINDS), here), given, here)


HOSTILE = [
    "__import__('os').remove('follows.csv')",
    '"',
    "'",
    "\\",
    "\n",
    "\x00",
    "\u202e",
    "{x}",
    "a\\",
]


def test_what_is_injected_are_literals(here):
    """The cell that sets the parameters gives back each value, whatever stands in it."""
    known = declared(notebook(KINDS), here)
    given = {"names": HOSTILE, "title": HOSTILE[0], "sizes": [1], "more": "other.csv"}
    values = checked(known, given, here)
    room = {}
    exec(KINDS + "\n" + injected(known, values), room)
    assert room["names"] == HOSTILE
    assert room["title"] == HOSTILE[0]
    assert room["since"].isoformat() == "2024-01-31"
    assert room["follows"] == here.parent / "follows.csv"
    assert room["more"] == [str(here.parent / "other.csv")]
    assert room["until"] is None
    assert (here.parent / "follows.csv").exists()


def test_parameters_from_a_file(here):
    known = declared(notebook(KINDS), here)
    yaml, json = here.parent / "p.yaml", here.parent / "p.json"
    yaml.write_text("since: 2024-02-01\nsizes: [5]\nnames: ['=x']\nlimit: null\n")
    json.write_text('{"since": "2024-02-01", "sizes": [5], "names": ["=x"], "limit": null}')
    one, two = (checked(known, from_file(path), here) for path in (yaml, json))
    assert one == two
    assert one["since"] == "2024-02-01"
    yaml.write_text("")
    assert from_file(yaml) == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- 1", "is not a mapping"),
        ("1: 2", "is not a mapping"),
        ("a: 1\na: 2", "gives a twice"),
        ("a: [", "is no YAML or JSON"),
        ("a: !!python/object/apply:os.getcwd []", "is no YAML or JSON"),
    ],
)
def test_files_that_hold_no_parameters(text, message, tmp_path):
    (tmp_path / "p.yaml").write_text(text)
    with pytest.raises(fb.CallError, match=message):
        from_file(tmp_path / "p.yaml")
    with pytest.raises(fb.CallError, match="there is no file"):
        from_file(tmp_path / "none.yaml")


def test_options(here):
    text = as_options(declared(notebook(KINDS), here), "report")
    assert "--sizes LIST[INT]" in text
    assert "of rings  [default: [5, 8]]" in text
    assert from_options(["--min-size", "8", "--a=b=c"]) == {"min_size": "8", "a": "b=c"}
    for wrong in (["8"], ["--a"], ["--a", "1", "--a", "2"]):
        with pytest.raises(fb.CallError):
            from_options(wrong)


BESIDE = """\
follows: "Path" = "follows.csv"  # the list of follows; default: the sample's
account: str = "7"  # whose; default: the sample's
note: str = ""  # what is said
"""


@pytest.mark.parametrize("given", [[1], {1: 2}, "min_size"])
def test_what_is_no_mapping_of_names_is_refused(given, here):
    with pytest.raises(fb.CallError, match="a mapping of names"):
        checked(declared(notebook(CELL), here), given, here)


def test_an_account_of_the_sample_is_no_default_for_another_file(here, tmp_path):
    known = declared(notebook(BESIDE), here)
    own = tmp_path / "own.csv"
    own.write_text("a,b\n")
    with pytest.raises(fb.CallError, match=r"parameter account: .* name yours beside follows"):
        checked(known, {"follows": own}, here)
    for given in (
        {},
        {"account": "9"},
        {"follows": own, "account": "9"},
        {"follows": here.parent / "follows.csv"},
    ):
        assert checked(known, given, here)["account"] == given.get("account", "7")
