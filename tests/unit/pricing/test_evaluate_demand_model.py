"""`evaluate_demand_model`: figures, JSON, and one clear line for bad input."""

import gzip
import json
from dataclasses import astuple

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from pricing.services.panel_files import read_panel

ELASTICITY = -3.0


def draw_rows(seed=3, stores=8, products=12, weeks=50, label=str):
    rng = np.random.default_rng(seed)
    for store in range(stores):
        for product in range(products):
            level = rng.normal(3, 0.5)
            for week in range(weeks):
                cut = rng.uniform(0.1, 0.4) if rng.random() < 0.2 else 0.0
                mean = np.exp(level + ELASTICITY * np.log1p(-cut) + rng.normal(0, 0.2))
                price = round(9.99 * (1 - cut), 2)
                yield f"s{store}", f"p{product}", label(week), price, rng.poisson(mean)


def write(path, rows, heading="store,product,week,price,units"):
    text = "\n".join([heading, *(",".join(map(str, row)) for row in rows)]) + "\n"
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text)
    return path


def evaluate(path, tmp_path):
    out = tmp_path / "out.json"
    call_command("evaluate_demand_model", str(path), "--json", str(out))
    return json.loads(out.read_text())


def test_the_json_has_the_agreed_shape_and_the_truth_is_found(tmp_path, capsys):
    found = evaluate(write(tmp_path / "panel.csv", draw_rows()), tmp_path)
    assert found["elasticity"]["low"] < ELASTICITY < found["elasticity"]["high"]
    assert found["elasticity"]["value"] == pytest.approx(ELASTICITY, abs=0.15)
    assert set(found["wape"]) == {"model", "naive", "moving_average"}
    assert found["wape"]["model"] < 0.8 * min(
        found["wape"]["naive"], found["wape"]["moving_average"]
    )
    assert found["rows"] == 8 * 12 * 50
    assert found["seconds"] > 0
    assert found["dataset"] == "panel.csv"
    assert "4,800 rows" in capsys.readouterr().out


def test_one_product_in_one_store_tells_something_too(tmp_path):
    rows = draw_rows(stores=1, products=1, weeks=200)
    found = evaluate(write(tmp_path / "panel.csv", rows), tmp_path)
    assert found["elasticity"]["value"] == pytest.approx(ELASTICITY, abs=0.5)


def test_the_order_of_rows_and_columns_and_the_kind_of_week_change_nothing(tmp_path):
    rows = list(draw_rows())
    plain, _ = read_panel(write(tmp_path / "panel.csv", rows))
    days = np.datetime64("1996-12-02") + 7 * np.arange(50)
    shuffled = [(r[4], r[3], days[int(r[2])], "x", r[1], r[0]) for r in rows]
    np.random.default_rng(1).shuffle(shuffled)
    path = write(tmp_path / "panel.csv.gz", shuffled, "Units,PRICE,week,flag,product,store")
    other, _ = read_panel(path)
    # What is evaluated is the panel alone: the very same arrays give the very same figures.
    for one, same in zip(astuple(plain), astuple(other), strict=True):
        np.testing.assert_array_equal(one, same)


def test_what_can_not_be_used_is_left_out_and_counted(tmp_path):
    rows = list(draw_rows(stores=5, products=7))
    odd = [("s1", "p1", 60, "", 3), ("s1", "p2", 60, 0, 0), ("s1", "p3", 60, 9.99, "NA"),
           ("s1", "p4", 49, 9.99, 5), ("s1", "p5", 60, 9.99, -2)]  # fmt: skip
    found = evaluate(write(tmp_path / "panel.csv", rows + odd), tmp_path)
    assert found["rows"] == len(rows) + 1
    assert found["details"]["left_out"] == {
        "without_price": 2, "without_units": 1, "repeated": 1, "returned": 1,
    }  # fmt: skip


def test_products_that_never_sell_and_prices_that_never_move_do_no_harm(tmp_path):
    still = [("s1", f"still{i}", week, 5, 4) for i in range(3) for week in range(50)]
    dead = [("s1", f"dead{i}", week, 5 + week % 3, 0) for i in range(3) for week in range(50)]
    late = [("s1", "late", 49, 5, 4)]
    found = evaluate(
        write(tmp_path / "panel.csv", [*draw_rows(stores=5, products=7), *still, *dead, *late]),
        tmp_path,
    )
    assert found["elasticity"]["value"] == pytest.approx(ELASTICITY, abs=0.2)
    assert found["wape"]["model"] < found["wape"]["naive"]


HEADING = "store,product,week,price,units"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        (HEADING + "\n", "no row below the heading"),
        ("store,product,week,price\na,b,1,2\n", "line 1: there is no column units"),
        (HEADING + ",price\na,b,1,2,3,4\n", "line 1: there is more than one column price"),
        (HEADING + "\na,b,1,2,3\na,b,2,cheap,3\n", "line 3: price 'cheap': give a number"),
        (HEADING + "\na,b,1,2,3\na,b,2,2,some\n", "line 3: units 'some': give a number"),
        (HEADING + "\na,b,1,-2,3\n", "line 2: price '-2': it must not be negative"),
        (HEADING + "\na,b,1,2,inf\n", "line 2: units 'inf': give a finite number"),
        (HEADING + "\na,b,1,2,3\na,b,soon,2,3\n", "line 3: week 'soon'"),
        (HEADING + "\na,b,1,2,3\na,b,2,2\n", "line 3: 4 fields where the heading has 5"),
        (HEADING + "\na,b,1,2,3\n\na,b,2,2,3\n", "line 3: 0 fields where the heading has 5"),
        (HEADING + "\na,,1,2,3\n", "line 2: product: there is none"),
        (HEADING + "\na,b,1,,3\n", "no row has both a price and a count of units"),
        (HEADING + "".join(f"\na,b,{week},2,3" for week in range(9)), "prices never change"),
        (HEADING + "\na,b,1,2,3\na,b,2,3,3\n", "weeks are the least"),
    ],
)
def test_bad_input_is_one_clear_line(tmp_path, text, message):
    path = tmp_path / "panel.csv"
    path.write_text(text)
    with pytest.raises(CommandError, match=message) as caught:
        evaluate(path, tmp_path)
    assert "\n" not in str(caught.value)
    assert "panel.csv" in str(caught.value)


def test_files_that_are_not_there_or_no_text_are_one_clear_line(tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        evaluate(tmp_path / "none.csv", tmp_path)
    (tmp_path / "panel.csv").write_bytes(b"\xff\xfe\x00store")
    with pytest.raises(CommandError, match="not UTF-8"):
        evaluate(tmp_path / "panel.csv", tmp_path)
    (tmp_path / "panel.csv.gz").write_bytes(b"plain")
    with pytest.raises(CommandError, match="panel"):
        evaluate(tmp_path / "panel.csv.gz", tmp_path)
