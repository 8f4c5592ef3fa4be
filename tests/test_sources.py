"""READ: every spelling of the same follows is the same graph; every fault says where."""

import bz2
import gzip
import itertools
import math

import networkx as nx
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import followback as fb
from followback.graph import UNKNOWN_TIME
from followback.sources._clean import CleanLines, _quotes

from .conftest import STORY

CSV = "source,target\n" + "".join(f"{u},{v}\n" for u, v in STORY)

SPELLINGS = {
    "csv": CSV,
    "no header": CSV.split("\n", 1)[1],
    "tabs": CSV.replace(",", "\t"),
    "semicolons": CSV.replace(",", ";"),
    "bars": CSV.replace(",", "|"),
    "spaces": CSV.split("\n", 1)[1].replace(",", "   "),
    "spaces at the edges": " ann  bob \n\tbob\tann\ncem ann\nann dot",
    "byte-order mark": "\ufeff" + CSV,
    "comments": "# made by hand\n% asym\n" + CSV.replace("cem", "# in the middle\ncem", 1),
    "blank lines": "\n\n" + CSV.replace("\n", "\n\n"),
    "windows": CSV.replace("\n", "\r\n"),
    "old mac": CSV.replace("\n", "\r"),
    "no newline at the end": CSV.rstrip(),
    "quoted": "source,target\n" + "".join(f'"{u}","{v}"\n' for u, v in STORY),
    "space after comma": CSV.replace(",", ", "),
    "columns swapped": "followed,follower\n" + "".join(f"{v},{u}\n" for u, v in STORY),
    "more columns": "id,from,to,note\n" + "".join(f"1,{u},{v},x\n" for u, v in STORY),
    "upper-case names": CSV.replace("source,target", "Follower_ID,Followed ID"),
    "one name tells": "account,Follower\n" + "".join(f"{v},{u}\n" for u, v in STORY),
    "the followed alone": "followed_user,x\n" + "".join(f"{v},{u}\n" for u, v in STORY),
    "plural": "followers,page\n" + "".join(f"{u},{v}\n" for u, v in STORY),
    "fans follow": "page,fan\n" + "".join(f"{v},{u}\n" for u, v in STORY),
    "users follow friends": CSV.replace("source,target", "user,friend"),
    "two accounts": CSV.replace("source,target", "screen_name,account"),
    "two byte-order marks": "\ufeff\ufeff" + CSV,
    "white lines": "  \t\n \r\n" + CSV.replace("\n", "\n \t \r\n\f\n") + "   ",
    "white lines, spaces": "  \n" + CSV.split("\n", 1)[1].replace(",", " ").replace("\n", "\n  \n"),
    "spaces before quotes": "source, target\n" + "".join(f'"{u}",  "{v}"\n' for u, v in STORY),
    "spaces before all quotes": "".join(f' "{u}", "{v}"\n' for u, v in STORY),
    "named separator": "sep=;\n" + CSV.replace(",", ";"),
    "odd separator": "\ufeffsep=~\r\n" + CSV.replace(",", "~"),
    "form feed": CSV.split("\n", 1)[1].replace("ann", "ann\f", 1),
    "quotes in comments": CSV.replace("cem", '# said, "wait\n# a,"b\ncem', 1),
    "long preamble": "# words\n" * 20_000 + CSV,
}


@pytest.fixture
def write(tmp_path):
    def write(content, name="follows.csv"):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_of_the_story_is_the_story(spelling, write, story):
    assert fb.read(write(SPELLINGS[spelling])) == story


@pytest.mark.parametrize("kind", ["gzip", "bz2", "zstd"])
def test_compression_is_told_by_content_not_name(kind, write, story):
    path = write("", "follows.data")
    with pa.output_stream(str(path), compression=kind) as stream:
        stream.write(CSV.encode())
    assert fb.read(path) == story


def test_tables_of_any_kind(frame, story, tmp_path):
    table = pa.Table.from_pandas(frame)
    pq.write_table(table, tmp_path / "a.parquet")
    pa.feather.write_feather(table, tmp_path / "a.arrow", compression="uncompressed")
    with pa.ipc.new_stream(tmp_path / "b.arrow", table.schema) as writer:
        writer.write_table(table)
    for source in (
        frame,
        table,
        pl.from_pandas(frame),
        frame.astype("category"),
        tmp_path / "a.parquet",
        tmp_path / "a.arrow",
        tmp_path / "b.arrow",
        nx.DiGraph(STORY),
        story,
    ):
        assert fb.read(source) == story


def test_parquet_reads_the_columns_by_name(tmp_path, story, frame):
    wide = frame.assign(note="x", created_at=1_700_000_000)[
        ["note", "target", "created_at", "source"]
    ]
    wide.to_parquet(tmp_path / "wide.parquet")
    g = fb.read(tmp_path / "wide.parquet")
    assert g.following.indices.tolist() == story.following.indices.tolist()
    assert set(g.created_at) == {1_700_000_000_000}


def test_a_saved_graph_is_recognised(tmp_path, story):
    story.save(tmp_path / "g")
    assert fb.read(tmp_path / "g") == story


@pytest.mark.parametrize(
    ("ids", "labels"),
    [
        (["10", "9", "-1"], [-1, 9, 10]),
        (["007", "7"], ["007", "7"]),
        (["+7", "7"], ["+7", "7"]),
        (["99999999999999999999", "1"], ["1", "99999999999999999999"]),
        (["10", "b", "9"], ["10", "9", "b"]),
        (["Zoë", "zoe", "Zoe"], ["Zoe", "Zoë", "zoe"]),
    ],
)
def test_integers_stay_integers_and_all_else_is_text(ids, labels, write):
    rows = "".join(f"{u},{v}\n" for u in ids for v in ids)
    assert fb.read(write(rows)).accounts.tolist() == labels


def test_hostile_ids_are_just_ids(write):
    ids = [
        "a,b",
        'c"d',
        "line\nbreak",
        "😀",
        "=cmd()",
        "<script>alert(1)</script>",
        "#tag",
        "x\n#y",
    ]
    quoted = ['"' + name.replace('"', '""') + '"' for name in ids]
    rows = "".join(f"{a},{b}\n" for a, b in itertools.pairwise(quoted))
    g = fb.read(write("source,target\n" + rows))
    assert sorted(g.accounts) == sorted(ids)
    assert g.n_follows == len(ids) - 1


def test_self_follows_and_duplicates_are_dropped_and_counted(write):
    g = fb.read(write("a,b\na,b\nb,b\nb,a\na,b\n"))
    assert g.n_follows == 2
    assert g.dropped == {"rows": 5, "self_follows": 1, "duplicates": 2}


@pytest.mark.parametrize(
    "cell",
    ["1700000000", "1700000000000", "1700000000000000", "1700000000000000000", "1700000000.0",
     "2023-11-14T22:13:20Z", "2023-11-14 22:13:20", "2023-11-15T00:13:20+02:00"],
)  # fmt: skip
def test_times_of_every_unit_are_milliseconds(cell, write):
    g = fb.read(write(f"source,target,created_at\n1,2,{cell}\n2,1,\n"))
    assert g.created_at[0] == 1_700_000_000_000
    assert g.created_at[1] == UNKNOWN_TIME


def test_times_without_a_header_and_of_typed_columns(write):
    assert fb.read(write("% asym\n1 2 1 1700000000\n2 1 1 1700000001\n")).created_at.tolist() == [
        1_700_000_000_000,
        1_700_000_001_000,
    ]
    assert fb.read(write("1 2 17\n2 1 18\n")).created_at is None
    for kind in ("datetime64[ns]", "datetime64[ms, UTC]"):
        when = pd.to_datetime(["2023-11-14T22:13:20"]).astype("datetime64[s]")
        when = when.tz_localize("UTC").astype(kind) if "UTC" in kind else when.astype(kind)
        g = fb.read(pd.DataFrame({"source": [1], "target": [2], "time": when}))
        assert g.created_at.tolist() == [1_700_000_000_000]


def test_of_duplicates_the_earliest_known_time_stays(write):
    g = fb.read(write("source,target,time\n1,2,1700000300\n1,2,\n1,2,1700000100\n1,2,1700000200\n"))
    assert g.created_at.tolist() == [1_700_000_100_000]


@pytest.mark.parametrize(
    ("content", "read_as"),
    [
        ("user,follower\n1,2\n", "source = column 'follower', target = column 'user'; header seen"),
        ("1 2 1700000000\n", "source = column 1, target = column 2, time = column 3; no header"),
        ("who,whom\n1,2\n", "source = column 'who', target = column 'whom'; header seen"),
    ],
)
def test_the_graph_says_which_columns_were_read(content, read_as, write, tmp_path):
    g = fb.read(write(content))
    assert g.read_as == read_as
    assert read_as.split(";")[1] in g._repr_html_()
    g.save(tmp_path / "g")
    assert fb.read(tmp_path / "g").read_as == read_as


@pytest.mark.parametrize("rows", ["u,v\nv,u\n", "user,bob\nbob,user\nuser,cem\n", "t,x\nx,y\n"])
def test_a_first_row_of_accounts_is_no_header(rows, write):
    g = fb.read(write(rows))
    assert g.n_follows == rows.count("\n")
    assert g.read_as.endswith("no header")


def test_comments_between_the_rows_are_counted(write):
    g = fb.read(write("# made\n% by hand\nsource,target\n#7,ann\nann,bob\n%x,y\n# end"))
    assert g.dropped == {"rows": 1, "self_follows": 0, "duplicates": 0, "comments": 3}
    assert "comments" not in fb.read(write("# made\n1,2\n2,1\n")).dropped


def test_comments_are_counted_across_blocks(write):
    """The stream is cleaned in blocks of 4 MB."""
    row, comment = "a" * 60 + ",b\n", "# between\n"
    content = (row * 1000 + comment) * 150
    assert len(content) > 2 * (1 << 22)
    assert fb.read(write(content)).dropped["comments"] == 150


def test_a_quote_in_the_middle_of_a_cell_is_a_letter(write):
    g = fb.read(write('5"disk,ann\nann,b"\n# gone "\ncem,ann\n'))
    assert sorted(g.accounts) == ['5"disk', "ann", 'b"', "cem"]
    assert (g.n_follows, g.dropped["comments"]) == (3, 1)


def test_quoted_cells_keep_blank_lines_spaces_and_comment_signs(write):
    g = fb.read(write('source,target\n"a\n\n  \nb", "x, ""y"\n"p,\n# q","a\n\n  \nb"\n'))
    assert sorted(g.accounts) == ["a\n\n  \nb", "p,\n# q", 'x, "y']


FAULTS = {
    "empty": (b"", "is empty"),
    "one column": (b"alice\nbob\n", "one column"),
    "header alone": (b"source,target\n", "no row below"),
    "comments alone": (b"# nothing\n", "holds no row"),
    "latin-1": (b"source,target\nann,bob\njos\xe9,ann\n", "line 3: not UTF-8"),
    "latin-1, late": (b"a,b\n" * 50_000 + b"\xe9,b\n", "line 50001: not UTF-8"),
    "utf-16": ("a,b\n".encode("utf-16"), "UTF-16"),
    "binary": (bytes(range(256)) * 9, "binary"),
    "no gzip": (b"\x1f\x8bnot really", "cut short"),
    "cut gzip": (gzip.compress(b"1,2\n3,4\n" * 999)[:-9], "cut short"),
    "cut bz2": (bz2.compress(b"1,2\n3,4\n" * 999)[:-9], "cut short"),
    "no parquet": (b"PAR1 is all there is", "cannot be read as Parquet"),
    "no arrow": (b"ARROW1 is all there is", "cannot be read as Arrow"),
    "ragged": (b"source,target\n1,2\n1,2,3\n", "row 3: 3 column"),
    "ragged, late": (b"1,2\n" * 50_000 + b"1\n", "row 50001: 1 column"),
    "empty id": (b"source,target\n1,2\n3,\n", "row 3: an id is empty"),
    "blank id": (b"source,target\n1,2\n3,  \n", "row 3: an id is empty"),
    "nonsense time": (
        b"source,target,time\n1,2,1700000000\n2,1,soon\n",
        "row 3: 'soon' is not a time",
    ),
    "year one": (b"source,target,time\n1,2,0001-01-01T00:00:00Z\n", "row 2: '0001"),
    "self-follows alone": (b"1,1\n2,2\n", "all 2 rows are self-follows"),
    "unclosed quote": (b'source,target\na,"b\nb,a\nc,a\n', "line 2: a quoted cell opens here"),
    "unclosed quote, large": (b'a,"b\n' + b"c,a\n" * 3_000_000, "line 1: a quoted cell opens"),
    "unclosed quote, spaces": (b'a "b\nb a\n', "line 1: a quoted cell opens here"),
    "JSON": (b' \n{"source": [1, 2]}\n', "looks like JSON"),
    "JSON list": (b'[{"source": 1, "target": 2}]\n', "looks like JSON"),
    "HTML": (b"\xef\xbb\xbf<!doctype html>\n<p>1,2\n", "looks like HTML or XML"),
    "long id": (
        b"1,2\n" * 20_000 + b"b" * 70_000 + b",1\n",
        "row 20001: an id is longer than 64 kB",
    ),
    "long second row": (b"source,target\n" + b"b" * 70_000 + b",1\n", "row 2 is longer than 64 kB"),
    "endless late row": (b"1,2\n" * 20_000 + b"b" * (1 << 23) + b",1\n", "line 20001: longer than"),
    "blank rows alone": (b"\n  \n\t\n", "holds no row"),
    "nonsense integer time": (b"source,target,time\n1,2,17\n", "row 2: '17' is not a time"),
    "surrogate": (b"source,target\n1,2\n\xed\xa0\x80,1\n", "line 3: not UTF-8"),
    "late NUL": (b"1,2\n" * 50_000 + b"a\0b,2\n", "line 50001: a NUL byte"),
    "endless row": (b"a" * 99_999 + b",b\n", "longer than 64 kB"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_bad_files_say_in_one_line_what_and_where(fault, write):
    content, message = FAULTS[fault]
    path = write(content)
    with pytest.raises(fb.FollowbackError, match=message) as caught:
        fb.read(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)
    assert caught.value.exit_code == 1


def test_bad_calls_are_told_from_bad_data(tmp_path):
    for source in (tmp_path / "none.csv", tmp_path, tmp_path / ("x" * 300), "a\0b", 17, nx.Graph()):
        with pytest.raises(fb.CallError):
            fb.read(source)
    with pytest.raises(fb.CallError, match="no format is called 'cvs'"):
        fb.read(tmp_path, "cvs")


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pd.DataFrame({"source": [1]}), "1 column"),
        (pd.DataFrame({"source": [1, None], "target": ["a", "b"]}), None),
        (pd.DataFrame({"source": ["a", None], "target": ["a", "b"]}), "row 2: an id is empty"),
        (pd.DataFrame({"source": [1.5], "target": [2]}), "fractional"),
        (pd.DataFrame({"source": [[1]], "target": [2]}), "give text or integers"),
        (pd.DataFrame({"source": [], "target": []}), "holds no follow"),
        (pd.DataFrame({"source": [1, "a"], "target": [2, 3]}), "one type"),
        (pd.DataFrame({"source": ["a", ""], "target": ["a", "b"]}), "row 2: an id is empty"),
        (pd.DataFrame({"source": ["a", "b"], "target": ["a", " "]}), "row 2: an id is empty"),
        (pa.table({"source": pa.array([1.5], pa.float16()), "target": [2]}), "fractional"),
        (pa.table({"source": pa.array([2.0**25], pa.float32()), "target": [2]}), "rounded"),
        (pa.table([[1], [2], [3]], ["source", "target", "target"]), "two columns called 'target'"),
        (pa.table({"source": [1], "target": [2], "time": [{"a": 1}]}), "times is of type struct"),
        (
            pa.table({"source": [1], "target": [2], "time": pa.array([2**60], pa.timestamp("s"))}),
            "row 1: '1152921504606846976' is not a time",
        ),
        (pd.DataFrame({"source": pd.Series(["\ud800"], dtype=object), "target": "b"}), "surrogate"),
    ],
)
def test_bad_tables(frame, message):
    if message is None:  # pandas turns whole numbers beside a gap into floats
        message = "row 2: an id is empty"
    with pytest.raises(fb.FollowbackError, match=message):
        fb.read(frame)


def test_whole_floats_and_large_unsigned_ids():
    assert fb.read(pd.DataFrame({"source": [1.0], "target": [2.0]})).accounts.tolist() == [1, 2]
    large = pa.table({"source": pa.array([2**64 - 1], pa.uint64()), "target": pa.array([1])})
    assert fb.read(large).accounts.tolist() == ["1", str(2**64 - 1)]


def test_clean_lines_hands_on_the_same_bytes_at_any_size():
    import io

    text = b'\xef\xbb\xbf# one\n\na,"x\n#kept"\n#gone\n%gone\nc,d'
    whole = CleanLines(io.BytesIO(text), ",").read()
    assert whole == b'a,"x\n#kept"\nc,d'
    stream = CleanLines(io.BytesIO(text), ",")
    pieces = [stream.read(3) for _ in range(math.ceil(len(whole) / 3) + 1)]
    assert b"".join(pieces) == whole


@pytest.mark.parametrize("column", [pa.array([2**60], pa.timestamp("s")), pa.array([{"a": 1}])])
def test_impossible_times_in_files_are_no_cut_files(column, tmp_path):
    table = pa.table({"source": [1], "target": [2], "time": column})
    with pa.ipc.new_file(tmp_path / "a.arrow", table.schema) as writer:
        writer.write_table(table)
    with pytest.raises(fb.FollowbackError, match="time") as caught:
        fb.read(tmp_path / "a.arrow")
    assert "cut short" not in str(caught.value)


def test_a_stream_cut_between_two_batches_is_refused(tmp_path):
    table = pa.table({"source": list(range(100)), "target": list(range(1, 101))})
    with pa.ipc.new_stream(tmp_path / "a.arrow", table.schema) as writer:
        writer.write_table(table, max_chunksize=50)
    whole = (tmp_path / "a.arrow").read_bytes()
    assert fb.read(tmp_path / "a.arrow").n_follows == 100
    (tmp_path / "a.arrow").write_bytes(whole[:-8])
    with pytest.raises(fb.FollowbackError, match="cut short"):
        fb.read(tmp_path / "a.arrow")


@pytest.mark.parametrize("ending", ["parquet", "arrow"])
def test_an_index_column_in_front_shifts_nothing(ending, tmp_path, story):
    table = pa.table(
        {
            "__index_level_0__": list(range(len(STORY))),
            "target": [v for _, v in STORY],
            "source": [u for u, _ in STORY],
        }
    )
    path = tmp_path / f"a.{ending}"
    pq.write_table(table, path) if ending == "parquet" else pa.feather.write_feather(table, path)
    assert fb.read(path) == story
    assert fb.read(table) == story


def test_ids_of_tables_keep_their_type():
    digits = pd.DataFrame({"source": ["1", "a "], "target": ["2", "a"]})
    assert fb.read(digits).accounts.tolist() == ["1", "2", "a", "a "]
    assert fb.read(digits[:1]).accounts.tolist() == ["1", "2"]
    assert fb.read(pd.DataFrame({"source": [1], "target": ["2"]})).accounts.tolist() == ["1", "2"]


def test_categories_of_polars_are_text(frame, story):
    for kind in (pl.Categorical, pl.Enum(["ann", "bob", "cem", "dot"])):
        assert fb.read(pl.from_pandas(frame).cast(kind)) == story


def test_integers_become_text_where_a_later_block_holds_a_name(write):
    g = fb.read(write("1000000,2000000\n" * 1_200_000 + "007,1000000\n"))
    assert g.accounts.tolist() == ["007", "1000000", "2000000"]


def states_one_by_one(text, inside):
    """The twin: follow quotation marks letter by letter, as a CSV parser does."""
    out, at_start, k = [], not inside, 0
    while k < len(text):
        letter = text[k]
        if inside and letter == '"':
            if text[k + 1 : k + 2] == '"':
                out += [True]
                k += 1
            else:
                inside = False
        elif at_start and letter == '"':
            inside = True
        at_start = not inside and letter in ",\n"
        out.append(inside)
        k += 1
    return out


@given(st.text('",a\n', max_size=14), st.booleans())
def test_twin_quotes_are_followed_as_a_parser_does(text, inside):
    states = states_one_by_one(text, inside)
    at, after = _quotes(text.encode(), b",", [], inside=inside)
    last = bool(after[-1]) if len(at) else inside
    # a pair at the very end may yet be cut; between letters both must agree
    assert last == (states[-1] if states else inside)
