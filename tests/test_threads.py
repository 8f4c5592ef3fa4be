"""THREADS: work is shared, results stay in order, failures are heard."""

import pytest

from followback import _threads
from followback._threads import spread


@pytest.mark.parametrize("cores", [1, 2, 7])
def test_results_stand_in_the_order_of_the_parts(cores, monkeypatch):
    monkeypatch.setattr(_threads, "cores", lambda: cores)
    assert spread(lambda x: x * x, range(50)) == [x * x for x in range(50)]
    assert spread(abs, []) == []


@pytest.mark.parametrize("cores", [1, 3])
def test_a_failure_in_any_part_is_raised(cores, monkeypatch):
    monkeypatch.setattr(_threads, "cores", lambda: cores)
    with pytest.raises(ZeroDivisionError):
        spread(lambda x: 1 // (x - 9), range(20))
