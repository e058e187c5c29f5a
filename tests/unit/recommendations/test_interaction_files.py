"""Files of interactions: both forms, and errors that name the line."""

import gzip

import pytest

from recommendations.algorithms.interactions import ConfidenceSettings
from recommendations.exceptions import UnreadableInteractionsError
from recommendations.services.interaction_files import read_interactions

EVENT = (
    '{"type":"purchase","product_id":"a","customer_id":"7","occurred_at":"2011-01-01T00:00:00Z"}'
)
CUT_SHORT = gzip.compress(EVENT.encode() * 99, mtime=0)[:-20]


def read(tmp_path, text, name="file.jsonl"):
    path = tmp_path / name
    data = text if isinstance(text, bytes) else text.encode()
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return read_interactions(path, ConfidenceSettings())


@pytest.mark.parametrize("name", ["file.jsonl", "file.jsonl.gz"])
def test_events(tmp_path, name):
    view = EVENT.replace("purchase", "view").replace('"customer_id":"7"', '"visitor_id":"v"')
    search = '{"type": "search", "query": "x"}'
    found = read(tmp_path, f"{EVENT}\n\n{view}\n{search}\n", name)
    assert found.shape == (2, 1)
    assert sorted(found.weights.tolist()) == [1.0, 5.0]
    assert found.times[0] == 1_293_840_000


def test_csv(tmp_path):
    found = read(
        tmp_path, "user,item,timestamp,weight\n1,a,881250949,4\n2,b,2011-01-01,-1\n", "f.csv"
    )
    assert found.shape == (2, 2)
    assert found.weights.tolist() == [4.0, -1.0]
    assert found.times.tolist() == [881_250_949.0, 1_293_840_000.0]


def test_csv_without_weights(tmp_path):
    assert read(tmp_path, "user,item,timestamp\n1,a,5\n").weights.tolist() == [1.0]


HEADER = "user,item,timestamp,weight\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        (b"\xff\xfe\x00", "not UTF-8"),
        ("hello\n", "line 1: expected JSON lines, or CSV"),
        (EVENT + "\n{oops\n", "line 2: not a JSON object"),
        (EVENT + "\n[]\n", "line 2: not a JSON object"),
        (EVENT.replace("purchase", "sale"), "line 1: type: give one of"),
        (EVENT.replace('"a"', "null"), "line 1: product_id"),
        (EVENT.replace('"7"', '""'), "line 1: customer_id or visitor_id"),
        (EVENT.replace("2011-01-01T", "2011-13-01T"), "line 1: occurred_at"),
        (EVENT[:-1] + ',"quantity":0}', "line 1: quantity"),
        (EVENT[:-1] + ',"quantity":true}', "line 1: quantity"),
        (HEADER + "1,a,1,2\n1,a,1\n", "line 3: 4 columns expected, 3 found"),
        (HEADER + "1,a,soon,2\n", "line 2: timestamp"),
        (HEADER + "1,a,1,nan\n", "line 2: weight"),
        (HEADER + "1,a,1e300,1\n", "line 2: timestamp"),
        (HEADER + ",a,1,1\n", "line 2: user"),
        (HEADER, "no interactions"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, text, message):
    with pytest.raises(UnreadableInteractionsError, match=message):
        read(tmp_path, text)


@pytest.mark.parametrize("content", [b"not gzip", CUT_SHORT])
def test_a_broken_archive(tmp_path, content):
    (tmp_path / "f.gz").write_bytes(content)
    with pytest.raises(UnreadableInteractionsError, match=r"f\.gz"):
        read_interactions(tmp_path / "f.gz", ConfidenceSettings())


def test_a_missing_file(tmp_path):
    with pytest.raises(UnreadableInteractionsError, match="No such file"):
        read_interactions(tmp_path / "none.csv", ConfidenceSettings())
