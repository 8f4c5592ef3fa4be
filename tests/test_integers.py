"""INTEGERS: ids of any spread to places among the distinct ones, beside numpy's sort."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import followback as fb
from followback._build import integers as _integers
from followback._build.integers import positions
from followback.kernels.ids import fill_slots, ones, slot_of

CLOSE = st.integers(-3, 40)
FAR = st.integers(-(2**31), 2**31 - 1)
WIDE = st.integers(-(2**63), 2**63 - 1) | st.integers(0, 5)


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("ids", [CLOSE, FAR, WIDE], ids=["close", "far", "wide"])
@given(data=st.data())
def test_twin_of_positions(compiled, ids, data):
    batches = data.draw(st.lists(st.lists(st.tuples(ids, ids), min_size=1), min_size=1, max_size=4))
    columns = [[pa.array(end, pa.int64()) for end in zip(*b, strict=True)] for b in batches]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_integers, "COMPILED", compiled)
        patch.setattr(_integers, "_TABLE", 2)
        labels, chunks = positions(columns)
    assert labels.tolist() == sorted({x for b in batches for pair in b for x in pair})
    found = [[labels[end].tolist() for end in chunk] for chunk in chunks]
    assert found == [[end.to_pylist() for end in pair] for pair in columns]


def test_many_ids_go_through_the_hash_table_and_come_out_the_same(monkeypatch):
    rng = np.random.default_rng(1)
    small = rng.integers(0, 100_000, (2, 300_000))
    wide = small * 4_000_000_007 + 10**17
    a, b = (fb.read(pa.table({"source": x[0], "target": x[1]})) for x in (small, wide))
    assert (a.following.indices == b.following.indices).all()
    assert (b.accounts == a.accounts * 4_000_000_007 + 10**17).all()


@given(st.integers(0, 2**32 - 1))
def test_twin_of_ones(word):
    assert ones(word) == word.bit_count()


def test_twin_of_the_hash_table_is_a_dict():
    ids = np.unique(np.random.default_rng(1).integers(-(2**63), 2**63 - 1, 500))
    slots = np.zeros(1024, np.int32)
    fill_slots(ids, len(ids), slots)
    table = {key: number for number, key in enumerate(ids.tolist())}
    assert [slots[slot_of(key, slots, ids)] - 1 for key in ids.tolist()] == [*table.values()]
    assert slots[slot_of(12, slots, ids)] == 0


@pytest.mark.parametrize("kind", ["int8", "int16", "int32", "int64", "uint8", "uint32", "uint64"])
def test_every_type_of_integer_stays_one(kind):
    table = pa.table({end: pa.array([1, 100, x], kind) for end, x in (("a", 7), ("b", 9))})
    g = fb.read(table)
    assert g.accounts.tolist() == [1, 7, 9, 100]
    assert g.dropped == {"rows": 3, "self_follows": 2, "duplicates": 0}


@pytest.mark.parametrize("ids", [[0, 1, 2], [5, 9, 7], [-(2**31), 5, 2**31 - 1]])
def test_a_table_that_is_read_where_it_lies_stays_as_it_was(ids):
    turned = [ids[1:] + ids[:1], ids]
    table = pa.table(turned, pa.schema([(end, pa.int32()) for end in ("source", "target")]))
    g = fb.read(table)
    assert [column.to_pylist() for column in table.columns] == turned
    assert g.to_table().to_pandas().to_numpy().tolist() == sorted(
        map(list, zip(*turned, strict=True))
    )


@pytest.mark.parametrize("new", [b"", b"\xff" * 4_000])
def test_a_file_that_is_written_while_it_is_read_does_no_harm(new, tmp_path, monkeypatch):
    """Its ids are looked at twice: were it mapped, the second look would see others."""
    table = pa.table({end: pa.array([5, 9, 7], pa.int32()) for end in ("source", "target")})
    table = table.set_column(1, "target", pa.array([9, 7, 5], pa.int32()))
    with pa.ipc.new_file(tmp_path / "x.arrow", table.schema) as writer:
        writer.write_table(table)
    mark = _integers._by_bitmap  # noqa: SLF001

    def late(*given):
        (tmp_path / "x.arrow").write_bytes(new)
        return mark(*given)

    monkeypatch.setattr(_integers, "_by_bitmap", late)
    g = fb.read(tmp_path / "x.arrow")
    assert g.to_table().to_pandas().to_numpy().tolist() == [[5, 9], [7, 5], [9, 7]]
