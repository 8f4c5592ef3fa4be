"""Bars appear where somebody watches, and nowhere else."""

import io
from contextlib import redirect_stderr

import pytest

import followback as fb
from followback import _progress
from followback._report.facts import RUN_FOLDER


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def at_terminal(monkeypatch):
    """Stand in for a terminal on which work is slow enough for a bar."""
    monkeypatch.setattr(_progress, "_DELAY", 0)
    monkeypatch.setattr("tqdm.tqdm.monitor_interval", 0)  # no thread that outlives the test

    def during(work, stream):
        with redirect_stderr(stream):
            work()
        return stream.getvalue()

    return during


@pytest.fixture
def work(tmp_path):
    """Read a file and look for rings."""
    (tmp_path / "in.csv").write_text("".join(f"{i},{i * 7 % 50}\n" for i in range(1, 50)))
    return lambda: fb.find_rings(fb.read(tmp_path / "in.csv"))


def test_a_terminal_shows_what_is_done_and_how_fast(at_terminal, work):
    shown = at_terminal(work, Terminal())
    for what in (
        "rows read",
        "densities searched for rings",
        "densities searched for organic",
        "sets held",
    ):
        assert what in shown
    assert "rows/s" in shown
    assert "/6 " in shown


def test_nothing_is_shown_where_nobody_watches(at_terminal, work, monkeypatch, tmp_path):
    assert at_terminal(work, io.StringIO()) == ""
    monkeypatch.setenv(RUN_FOLDER, str(tmp_path))  # a report is made
    assert at_terminal(work, Terminal()) == ""


def test_an_interrupt_takes_the_bar_away(at_terminal):
    def interrupted():
        for k in _progress.watched((1, 2, 3), "numbers", "numbers"):
            if k == 2:
                raise KeyboardInterrupt

    screen = Terminal()
    with pytest.raises(KeyboardInterrupt):
        at_terminal(interrupted, screen)
    assert "numbers" in screen.getvalue()
    assert screen.getvalue().split("\r")[-1].strip() == ""


def test_lines_wait_for_a_command_to_succeed_and_go_where_it_fails(capsys):
    from followback._progress import lines_held, say

    with lines_held():
        say("kept")
        assert capsys.readouterr().err == ""
    assert capsys.readouterr().err == "followback: kept\n"
    with pytest.raises(IndexError), lines_held():
        [say("lost")].pop(2)
    with lines_held():
        say("of another command")
    assert capsys.readouterr().err == "followback: of another command\n"
    say("at once")
    assert capsys.readouterr().err == "followback: at once\n"
