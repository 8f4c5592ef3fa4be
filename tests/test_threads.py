"""THREADS: work is shared, results stay in order, failures are heard."""

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import Future

import pytest

from followback import _threads, kernels
from followback._threads import ahead, cores, next_ahead, spread, usable_cores


@pytest.mark.parametrize("cores", [1, 2, 7])
def test_results_stand_in_the_order_of_the_parts(cores, monkeypatch):
    monkeypatch.setattr(_threads, "cores", lambda: cores)
    assert spread(lambda x: x * x, range(50)) == [x * x for x in range(50)]
    assert spread(abs, []) == []


def test_cores_are_those_that_the_process_may_use(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 9)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3, 5}, raising=False)
    monkeypatch.setattr(kernels, "COMPILED", True)
    assert (cores(), usable_cores()) == (2, 2)
    monkeypatch.setattr(kernels, "COMPILED", False)
    assert (cores(), usable_cores()) == (1, 2)
    monkeypatch.delattr(os, "sched_getaffinity")
    assert usable_cores() == 9


@pytest.mark.parametrize("cores", [1, 3])
def test_a_failure_in_any_part_is_raised(cores, monkeypatch):
    monkeypatch.setattr(_threads, "cores", lambda: cores)
    with pytest.raises(ZeroDivisionError):
        spread(lambda x: 1 // (x - 9), range(20))


@pytest.mark.parametrize("who", ["main", "helper"])
def test_after_a_failure_no_part_is_begun_and_none_still_runs(who, monkeypatch):
    monkeypatch.setattr(_threads, "cores", lambda: 3)
    begun, ended, broken = [], [], []

    def work(part):
        begun.append(part)
        if (threading.current_thread() is threading.main_thread()) == (who == "main"):
            broken.append(part)
            raise ValueError(part)
        time.sleep(0.05)
        ended.append(part)

    with pytest.raises(ValueError, match=r"\d"):
        spread(work, range(100))
    assert len(begun) < 10
    assert sorted(ended) == sorted(set(begun) - set(broken))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="only POSIX forks")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_fork_starts_threads_of_its_own(monkeypatch):
    monkeypatch.setattr(_threads, "cores", lambda: 2)
    spread(abs, range(4))
    child = os.fork()
    if child == 0:
        who = spread(lambda _: time.sleep(0.02) or threading.get_ident(), range(8))
        os._exit(len(set(who)))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 2


@pytest.mark.parametrize("kind", ["ahead", "next_ahead"])
def test_who_is_abandoned_waits_for_no_thread(kind, monkeypatch):
    """The collector of garbage may close a reading within a thread that is being started."""
    monkeypatch.setattr(_threads, "cores", lambda: 2)
    begun, let_go, ended = threading.Event(), threading.Event(), []

    def work(part):
        if part > 1:
            begun.set()
            let_go.wait(5)
            ended.append(part)
        return part

    parts = ahead(work, range(1, 9)) if kind == "ahead" else next_ahead(map(work, range(1, 9)))
    assert next(parts) == 1
    begun.wait()
    parts.close()
    assert ended == []
    let_go.set()


@pytest.mark.parametrize("kind", ["ahead", "next_ahead"])
def test_after_a_failure_none_of_those_ahead_still_runs(kind, monkeypatch):
    monkeypatch.setattr(_threads, "cores", lambda: 2)
    begun, ended = [], []

    def work(part):
        begun.append(part)
        if part:
            time.sleep(0.05)
        ended.append(part)
        return 1 // part

    with pytest.raises(ZeroDivisionError):
        list(ahead(work, range(9)) if kind == "ahead" else next_ahead(map(work, range(9))))
    assert sorted(begun) == sorted(ended)


def test_nobody_waits_for_help_that_has_not_begun(monkeypatch):
    """Its thread may be the one that asks: parts that are shared again would wait forever."""

    class Pool:
        def submit(self, _work):
            helpers.append(Future())
            helpers[-1].exception = lambda: pytest.fail("it waits")
            return helpers[-1]

    helpers = []
    monkeypatch.setattr(_threads, "cores", lambda: 3)
    monkeypatch.setattr(_threads, "_pool", lambda _: Pool())
    assert spread(abs, [-1, -2, -3, -4]) == [1, 2, 3, 4]
    assert [helper.cancelled() for helper in helpers] == [True, True]


ENDING = """
import atexit
from followback import _threads
_threads.cores = lambda: 3
work = lambda x: 12 // x
print(_threads.spread(work, [1, 2, 3]))
def late():
    print(_threads.spread(work, [1, 2, 3]), list(_threads.ahead(work, [4, 6])),
          list(_threads.next_ahead([5, 7])))
    parts = _threads.ahead(work, [4, 0])
    print(next(parts))
    for failing in (lambda: next(parts), lambda: _threads.spread(work, [1, 0, 3])):
        try:
            failing()
        except ZeroDivisionError:
            print("heard")
atexit.register(late)
"""


def test_where_the_interpreter_ends_the_work_is_done_without_threads():
    run = subprocess.run([sys.executable, "-c", ENDING], capture_output=True, text=True, check=True)
    assert (run.stdout, run.stderr) == (
        "[12, 6, 4]\n[12, 6, 4] [3, 2] [5, 7]\n3\nheard\nheard\n",
        "",
    )


@pytest.mark.parametrize(
    "begin",
    [
        lambda: list(next_ahead(range(1, 9))),
        lambda: list(ahead(abs, range(9))),
        lambda: spread(abs, range(9)),
    ],
    ids=["next_ahead", "ahead", "spread"],
)
def test_where_no_thread_can_be_started_nothing_is_lost_in_silence(begin, monkeypatch):
    """At a limit of processes, say; the pool has the work in line already."""

    def refused(_):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(_threads, "cores", lambda: 4)
    _threads._pool.cache_clear()  # noqa: SLF001
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refused)
        with pytest.raises(RuntimeError, match="can't start"):
            begin()
    assert len(begin()) in (8, 9)
