"""The command line as a process: what it prints, where it writes, how it ends."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

import followback as fb
from followback.files import whole, whole_folder, write_follows, write_tables
from followback.report import notebooks_folder

from .test_sources import CSV, FAULTS

COMMANDS = ("rings", "report", "sweep", "verify", "reports list", "reports open", "reports clean",
            "convert", "diff", "fetch", "audit", "thread", "synth", "lab",
            "workshop build", "workshop time")  # fmt: skip


def followback(*arguments, cwd=None, **options):
    return subprocess.run(
        [sys.executable, "-m", "followback", *map(str, arguments)],
        capture_output=True, text=True, check=False, cwd=cwd, timeout=300, **options,
    )  # fmt: skip


@pytest.fixture
def here(tmp_path, monkeypatch, capsys):
    """Run the command line in this process: what takes a second less each time."""
    from followback.cli import main

    def run(*arguments):
        monkeypatch.chdir(tmp_path)
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, ended.value.code, out, err)

    return run


def one_line(run, code):
    assert run.returncode == code, run.stderr
    assert run.stderr.count("\n") == 1, run.stderr
    assert run.stderr.startswith("followback: ")
    assert run.stdout == ""
    return run.stderr


def test_version_help_and_an_example_for_every_command():
    assert followback("--version").stdout == f"followback {fb.__version__}\n"
    assert followback().stdout == followback("--help").stdout
    for command in COMMANDS:
        text = followback(*command.split(), "--help").stdout
        assert f"Example: followback {command}" in " ".join(text.split())
    assert (
        "complete"
        in followback("--show-completion", env={**os.environ, "SHELL": "/bin/bash"}).stdout
    )


def test_rings_writes_two_tables(tmp_path):
    made = followback("synth", "x.csv.gz", "--accounts", 2000, "--follows", 15000,
                      "--rings", "30:0.5", "15:0.9", "--seed", 4, cwd=tmp_path)  # fmt: skip
    assert made.stdout == "x.csv.gz\nx-rings.csv\n", made.stderr
    run = followback("rings", "x.csv.gz", "-o", "found", "--min-size", "6", cwd=tmp_path)
    assert run.stdout == "found/rings.csv\nfound/members.csv\n"
    assert sorted(file.name for file in (tmp_path / "found").iterdir()) == [
        "members.csv",
        "rings.csv",
    ]
    truth = pd.read_csv(tmp_path / "x-rings.csv")
    members = pd.read_csv(tmp_path / "found" / "members.csv")
    for _, group in truth.groupby("ring")["account"]:
        assert (members.groupby("ring")["account"].agg(set) == set(group)).any()


def test_no_rings_is_headers_alone(tmp_path):
    (tmp_path / "x.csv").write_text(CSV)
    followback("rings", "x.csv", "-o", "found", cwd=tmp_path)
    for name in ("rings.csv", "members.csv"):
        assert len((tmp_path / "found" / name).read_text().splitlines()) == 1


@pytest.mark.parametrize(
    "ending", [".csv", ".csv.gz", ".csv.zst", ".tsv.bz2", ".parquet", ".arrow", ""]
)
def test_convert_and_back_is_the_same_graph(ending, tmp_path, story, here):
    (tmp_path / "in.csv").write_text(CSV)
    target = tmp_path / f"out{ending}"
    assert here("convert", tmp_path / "in.csv", target).stdout == f"{target}\n"
    assert fb.read(target) == story


def test_converted_text_survives_hostile_ids_and_times(tmp_path):
    odd = pd.DataFrame(
        {"source": ['a"b', "#x", "new\nline"], "target": ["x,y", "=1", "%z"], "time": 1.7e9}
    )
    write_follows(fb.read(odd), tmp_path / "x.csv")
    assert fb.read(tmp_path / "x.csv") == fb.read(odd)


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_bad_files_end_with_one_line_and_code_1(fault, tmp_path, here):
    (tmp_path / "in.csv").write_bytes(FAULTS[fault][0])
    one_line(here("rings", "in.csv", "-o", "found"), 1)
    assert os.listdir(tmp_path) == ["in.csv"]


def test_a_bad_file_ends_a_process_the_same_way(tmp_path):
    (tmp_path / "in.csv").write_bytes(FAULTS["ragged"][0])
    one_line(followback("rings", "in.csv", "-o", "found", cwd=tmp_path), 1)


def test_bad_calls_end_with_one_line_and_code_2(tmp_path, here):
    (tmp_path / "in.csv").write_text(CSV)
    (tmp_path / "file").write_text("")
    for arguments in (
        ["rings"],
        ["wrong"],
        ["rings", "none.csv", "-o", "x"],
        ["rings", ".", "-o", "x"],
        ["rings", "in.csv", "-o", "x", "--min-size", "many"],
        ["rings", "in.csv", "-o", "x", "--min-size", "1"],
        ["rings", "in.csv", "-o", "x", "--format", "cvs"],
        ["rings", "in.csv", "-o", "file"],
        ["rings", "in.csv", "-o", "/proc/x"],
        ["convert", "in.csv", "out.xls"],
        ["convert", "in.csv", "out.parquet.gz"],
        ["synth", "out.csv", "--rings", "many"],
        ["synth", "out.csv", "--rings", "4"],
        ["synth", "out.csv", "--accounts", "3"],
        ["synth", "out.csv", "--rings", "10:0.5", "--camouflage", "9999999999"],
        ["convert", "in.csv", "."],
        ["diff", "in.csv", "in.csv", "-o", "."],
        ["report", "none.ipynb"],
        ["report", "10-ring-report", "-p", "folows=in.csv"],
        ["report", "10-ring-report", "-p", "follows"],
        ["report", "10-ring-report", "-p", "follows=none.csv"],
    ):
        one_line(here(*arguments), 2)
    assert sorted(os.listdir(tmp_path)) == ["file", "in.csv"]


def test_a_negative_ring_is_a_wrong_size_not_an_unknown_option(here):
    run = here("synth", "o.csv", "--accounts", 99, "--follows", 500, "--rings", "5:0.7", "-3:1")
    assert "ring -3:1.0: give a whole number" in one_line(run, 2)


def test_empty_arguments_are_refused(tmp_path, here):
    (tmp_path / "in.csv").write_text(CSV)
    for arguments in (
        ["rings", "in.csv", "-o", ""],
        ["rings", "in.csv", "--out="],
        ["convert", ""],
    ):
        assert "empty" in one_line(here(*arguments), 2)


def test_what_was_read_and_left_out_is_said_in_words(tmp_path, here):
    (tmp_path / "in.csv").write_text("user,fan\n1,2\n#\n1,2\n3,3\n2,1\n1,2\n")
    said = [
        "followback: source = column 'fan', target = column 'user'; header seen",
        "followback: 5 rows read, 1 self-follow and 2 duplicates left out, 1 comment line skipped",
    ]
    assert here("convert", "in.csv", "out.csv").stderr.splitlines()[:2] == said
    assert here("rings", "in.csv", "-o", "found").stderr.splitlines()[:2] == said


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux alone has /dev/full")
def test_a_full_standard_output_is_named(tmp_path):
    (tmp_path / "in.csv").write_text(CSV)
    with Path("/dev/full").open("w") as full:
        run = subprocess.run(
            [sys.executable, "-m", "followback", "convert", "in.csv", "out.csv"],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False, cwd=tmp_path,
        )  # fmt: skip
    assert run.returncode == 2
    assert run.stderr.startswith("followback: standard output: No space left")
    assert run.stderr.count("\n") == 1


@pytest.mark.parametrize("user", [0, 1000])
def test_lab_passes_arguments_on_and_works_for_root(user, here, monkeypatch):
    called, paths = [], []

    def execve(_program, arguments, environment):
        called.append(arguments)
        paths.append(environment["JUPYTER_CONFIG_PATH"].split(os.pathsep))

    monkeypatch.setattr(os, "execve", execve)
    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.delenv("JUPYTER_CONFIG_PATH", raising=False)
    here("lab", "--", "--no-browser", "--port=9")
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "mine")
    here("lab", "--", "--allow-root")
    assert called[0][2] == "jupyterlab"
    assert called[0][4:] == ["--no-browser", "--port=9"] + (["--allow-root"] if user == 0 else [])
    assert called[1][4:] == ["--allow-root"]
    assert called[0][3] == str(notebooks_folder())
    ours, mine = paths
    assert mine == [*ours, "mine"]
    defaults = Path(ours[0], "labconfig", "default_setting_overrides.json").read_text()
    (asked,) = json.loads(defaults).values()
    assert asked == {"fetchNews": "false", "checkForUpdates": False}


def test_lab_works_on_a_copy_and_keeps_what_is_there(here, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "execve", lambda *_: None)
    mine = tmp_path / "mine" / "notebooks" / "00-one-minute.ipynb"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    here("lab", "-o", "mine", "--", "--no-browser")
    assert mine.read_text() == "mine"
    for kind in ("notebooks/10-ring-report.ipynb", "data/sample.csv.gz"):
        assert (tmp_path / "mine" / kind).read_bytes() == (
            notebooks_folder().parent / kind
        ).read_bytes()


def test_no_summary_is_cut_in_the_help():
    text = followback("--help", env={**os.environ, "COLUMNS": "80"}).stdout.split("Commands:")[1]
    assert "..." not in text
    assert "…" not in text


def test_synth_leaves_no_old_answers_beside_a_new_graph(tmp_path):
    few = ["synth", tmp_path / "x.csv", "--accounts", "60", "--follows", "300"]
    assert followback(*few, "--rings", "8:0.9").returncode == 0
    made = (tmp_path / "x.csv").read_bytes()
    refused = followback(*few)
    assert refused.returncode == 2
    assert "x-rings.csv tells of the rings of another graph" in refused.stderr
    assert (tmp_path / "x.csv").read_bytes() == made


def test_synth_leaves_no_truth_without_its_graph(tmp_path, here, monkeypatch):
    def refuse(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("followback.files.write_follows", refuse)
    run = here("synth", "x.csv", "--accounts", 500, "--follows", 3000, "--rings", "12:0.9")
    one_line(run, 2)
    assert os.listdir(tmp_path) == []


def test_no_permission_to_read_or_to_write(tmp_path, here, monkeypatch):
    """Stands for rights that a test run by root cannot take away."""
    (tmp_path / "in.csv").write_text(CSV)

    def refuse(*_arguments, **_options):
        raise PermissionError(13, "Permission denied", "in.csv")

    with monkeypatch.context() as patched:
        patched.setattr("pathlib.Path.mkdir", refuse)
        assert "rights" in one_line(here("rings", "in.csv", "-o", "found"), 2)
    monkeypatch.setattr("pathlib.Path.open", refuse)
    assert "no permission to read" in one_line(here("rings", "in.csv", "-o", "found"), 2)


def test_a_full_disk_leaves_nothing_half_written(tmp_path):
    """A limit on the size of files stands for a disk that is full."""

    def small_files():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    quiet = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    rows = "".join(f"{i},{i * 7 % 5000}\n" for i in range(1, 5000))
    (tmp_path / "in.csv").write_text(rows)
    for target in ("out.csv", "out.parquet", "out"):
        run = followback(
            "convert", "in.csv", target, cwd=tmp_path, preexec_fn=small_files, env=quiet
        )
        message = one_line(run, 2)
        assert message.startswith(f"followback: {target}: ")
        assert "None" not in message
        assert os.listdir(tmp_path) == ["in.csv"]


def test_a_full_disk_is_named_where_tables_go(tmp_path, monkeypatch):
    def full(*_arguments, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_text", full)
    with pytest.raises(OSError, match=f"No space left on device.*{tmp_path}"):
        write_tables(tmp_path, {"rings": pd.DataFrame()})
    assert os.listdir(tmp_path) == []


def test_an_error_names_the_file_that_was_asked_for_not_its_draft(tmp_path, here):
    (tmp_path / "in.csv").write_text(CSV)
    assert "followback: /proc/x.csv: No such" in one_line(
        here("convert", "in.csv", "/proc/x.csv"), 2
    )


@pytest.mark.parametrize("make", [whole, whole_folder])
def test_a_draft_is_not_named_where_the_folder_is_the_current_one(make, monkeypatch):
    monkeypatch.chdir("/proc")  # where nobody can write, root included
    with pytest.raises(FileNotFoundError) as refused, make(Path("x.csv")):
        pass
    assert refused.value.filename == "x.csv"


def test_an_interrupt_while_python_imports_ends_with_one_line(tmp_path):
    (tmp_path / "typer.py").write_text("raise KeyboardInterrupt")
    run = followback("--version", env={**os.environ, "PYTHONPATH": str(tmp_path)})
    assert "interrupted" in one_line(run, 1)


def test_a_name_that_is_no_text_is_refused(tmp_path, here):
    (tmp_path / "in.csv").write_text(CSV)
    for arguments in (["convert", "in.csv", "o\udcff.csv"], ["rings", "i\udcff.csv", "-o", "x"]):
        assert "\\udcff.csv' is not in UTF-8" in one_line(here(*arguments), 2)
    assert os.listdir(tmp_path) == ["in.csv"]


def test_an_interrupt_ends_with_one_line_and_nothing_half_written(tmp_path):
    rows = "".join(f"{i},{i * 7 % 500_000}\n" for i in range(1, 2_000_000))
    (tmp_path / "in.csv").write_text(rows)
    process = subprocess.Popen(
        [sys.executable, "-m", "followback", "convert", "in.csv", "out.csv.bz2"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode in (1, 2), errors
    assert errors == "followback: interrupted; no file is half-written\n"
    assert os.listdir(tmp_path) == ["in.csv"]


def test_report_prints_the_folder_last(tmp_path):
    (tmp_path / "in.csv").write_text(CSV)
    run = followback(
        "report", "10-ring-report.ipynb", "-p", "follows=in.csv", "shown=0", cwd=tmp_path
    )
    folder = tmp_path / "reports" / run.stdout.strip().rsplit("/", 1)[-1]
    assert run.returncode == 0, run.stderr
    assert (folder / "report.html").is_file()


def test_report_prints_a_notebooks_parameters_as_options(here):
    text = here("report", "10-ring-report", "--help").stdout
    assert "--min-size INT" in text
    assert "the smallest ring, in accounts  [default: 5]" in text
    assert "Example: followback report" in " ".join(text.split())


def test_report_refuses_wrong_options_before_anything_runs(tmp_path, here):
    (tmp_path / "p.yaml").write_text("min_size: many\n")
    for arguments, message in (
        (["--min-sise", "5"], "did you mean 'min_size'"),
        (["--mutal", "--quiet"], "did you mean 'mutual'"),
        (["--mutual", "--min-size", "many"], "is not a whole number"),
        (["--min-sise", "-p", "min_size=6"], "did you mean 'min_size'"),
        (["--min-size", "many"], "is not a whole number"),
        (["--min-size"], "--min-size needs a value"),
        (["--min-size", "5", "-p", "min_size=6"], "given twice"),
        (["-p", "min_size=5", "min_size=6"], "given twice"),
        (["stray"], "belongs to no option"),
        (["--parameters", "p.yaml"], "'many' is not a whole number"),
        (["--parameters", "none.yaml"], "there is no file"),
    ):
        assert message in one_line(here("report", "10-ring-report", *arguments), 2)
    run = here("report")
    assert run.returncode == 2
    assert "name a notebook" in run.stderr
    assert os.listdir(tmp_path) == ["p.yaml"]


def test_report_verify_and_pdf_in_a_row(tmp_path, here, monkeypatch):
    (tmp_path / "in.csv").write_text(CSV)
    (tmp_path / "p.json").write_text('{"shown": 3, "min_size": 6}')
    monkeypatch.setattr("followback._report.pages.write_pdf", lambda _page, target: target)
    run = here("report", "10-ring-report", "--parameters", "p.json", "--follows", "in.csv",
               "--shown=0", "--pdf", "--quiet")  # fmt: skip
    assert run.returncode == 0, run.stderr
    folder = run.stdout.strip()
    assert run.stderr.split() == [f"{folder}.pdf"]
    record = json.loads((Path(folder) / "run.json").read_text())
    assert {p["name"]: p["value"] for p in record["parameters"]}["shown"] == 0
    done = here("verify", folder)
    assert done.returncode == 0
    assert done.stdout.startswith(f"{folder} verifies: ")
    table = Path(folder) / "tables" / "rings.csv"
    table.write_text(table.read_text() + "\n")
    changed = here("verify", folder)
    assert changed.returncode == 1
    assert changed.stdout == "tables/rings.csv was changed after the run\n"


def test_a_message_cannot_drive_the_terminal(here):
    message = one_line(here("report", "10-ring-report", "--\x1b[31mred", "1"), 2)
    assert "\x1b" not in message
