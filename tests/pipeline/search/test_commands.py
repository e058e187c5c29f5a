"""The commands, as an operator runs them."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from catalogue.models import Product
from search.models import Judgment, ProductEmbedding
from search.selectors.encoding import get_encoder
from search.selectors.evaluation import make_runners, read_judgments
from tests.factories.catalogue import make_product
from tests.factories.search import write_lines


@pytest.fixture
def model(settings, model_folder):
    settings.EMBEDDING_MODEL_DIR = model_folder


def run(command, *arguments):
    out = StringIO()
    call_command(command, *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
@pytest.mark.usefixtures("model")
def test_embed_products_says_how_many_and_how_fast():
    for title in ("Red mug", "Leather couch"):
        make_product(title=title)
    assert "indexed 2, embedded 2 products" in run("embed_products")
    assert "indexed 0, embedded 0 products" in run("embed_products")
    assert ProductEmbedding.objects.count() == 2


@pytest.mark.django_db
def test_embed_products_needs_a_model(settings, tmp_path):
    settings.EMBEDDING_MODEL_DIR = tmp_path
    with pytest.raises(CommandError, match="export_model"):
        run("embed_products")


@pytest.fixture
def judged(tmp_path):
    titles = {"mug": "Red tea mug", "sofa": "Leather sofa", "lamp": "Desk lamp"}
    rows = [
        {
            "id": id_,
            "title": title,
            "variants": [{"sku": id_, "list_price": "5", "currency": "USD"}],
        }
        for id_, title in titles.items()
    ]
    judgments = tmp_path / "small.judgments.csv"
    judgments.write_text("query,product_id,grade\nmug,mug,3\nmug,lamp,0\ncouch,sofa,3\n")
    return write_lines(tmp_path / "small.products.jsonl", rows), judgments


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("model")
def test_what_people_judged_measures_products_of_another_database_too(judged, tmp_path):
    products, _ = judged
    mug = make_product("mug", title="Mug of the live shop")
    Judgment.objects.create(query="tea mug", product=mug, grade=3)
    target = tmp_path / "figures.json"
    run("evaluate_search", "--judgments", "db", "--products", str(products), "--json", str(target))
    figures = json.loads(target.read_text())
    assert (figures["dataset"], figures["queries"]) == ("db", 1)
    assert figures["metrics"]["hybrid"]["ndcg@10"]["value"] == pytest.approx(1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("model")
def test_evaluate_search_on_products_of_its_own(judged, tmp_path):
    make_product("live", title="Mug of the live shop")
    products, judgments = judged
    target = tmp_path / "figures.json"
    text = run(
        "evaluate_search", "--judgments", str(judgments), "--products", str(products),
        "--json", str(target), "--compare", "semantic_weight=0,agreement=1",
    )  # fmt: skip
    figures = json.loads(target.read_text())
    assert figures["dataset"] == "small"
    assert (figures["queries"], figures["live"]) == (2, "hybrid")
    assert {"keyword", "semantic", "hybrid"} <= set(figures["metrics"])
    assert figures["metrics"]["hybrid"]["ndcg@10"]["value"] == pytest.approx(1)
    assert figures["metrics"]["keyword"]["recall@100"]["value"] == pytest.approx(0.5)
    assert set(figures["metrics"]["hybrid"]["mrr"]) == {"value", "low", "high"}
    assert figures["live_minus_other"]["ndcg@10"]["p"] == 1
    assert "hybrid (live)" in text
    assert "hybrid against other, ndcg@10" in text
    assert list(Product.objects.values_list("public_id", flat=True)) == ["live"]


@pytest.mark.django_db
@pytest.mark.usefixtures("model")
def test_what_is_measured_is_what_the_endpoint_answers(settings):
    settings.ANONYMOUS_READS = True
    for title in ("Red tea mug", "Blue mug", "Leather sofa", "Desk lamp", "Tea kettle"):
        make_product(title, title=title)
    run("embed_products")
    hybrid = make_runners(get_encoder())["hybrid"]
    for query in ("mug", "couch", "something for tea", "lmap", '"tea mug"', "mug -blue"):
        results = Client().get("/v1/search", {"q": query, "limit": 100}).json()["results"]
        assert [result["product"]["id"] for result in results] == hybrid(query), query


@pytest.mark.parametrize("text", ["speed=1", "k=fast", "k"])
def test_a_configuration_that_is_none_is_told(text):
    with pytest.raises(CommandError, match="--compare"):
        run("evaluate_search", "--judgments", "x.csv", "--compare", text)


def test_judgments_that_a_spreadsheet_wrote_are_read(tmp_path):
    path = tmp_path / "judgments.csv"
    path.write_text("query,product_id,grade\r\nmug,1,3\r\n", encoding="utf-8-sig")
    assert read_judgments(path) == {"mug": {"1": 3.0}}


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("model")
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "first line must name"),
        ("query,product\n", "first line must name"),
        ("query,product_id,grade\n", "no judgments"),
        ("query,product_id,grade\nmug,1,good\n", "line 2"),
        ("query,product_id,grade\nmug,1\n", "line 2: no grade"),
        ("query,product_id,grade\nmug\n", "line 2: no product_id and no grade"),
        ("grade,query,product_id\n3,mug\n", "line 2: no product_id"),
        ("query,product_id,grade\nmug,1,-1\n", "line 2"),
    ],
)
def test_wrong_judgments_are_told(text, message, tmp_path):
    path = tmp_path / "judgments.csv"
    path.write_text(text)
    with pytest.raises(CommandError, match=message):
        run("evaluate_search", "--judgments", str(path))


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("model")
def test_wrong_products_are_told(judged, tmp_path):
    _, judgments = judged
    path = tmp_path / "products.jsonl"
    path.write_text('{"id": 1}\n')
    with pytest.raises(CommandError, match="line 1"):
        run("evaluate_search", "--judgments", str(judgments), "--products", str(path))
    with pytest.raises(CommandError):
        run("evaluate_search", "--judgments", str(judgments), "--products", str(tmp_path / "no"))
