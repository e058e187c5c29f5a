"""Candidates come from one statement, exactly or along the vector index."""

import numpy as np
import pytest
from django.db import connection

from catalogue.models import Product
from catalogue.selectors import ProductFilters
from search.algorithms.query import Expansion, ParsedQuery, parse_query
from search.models import DIMENSIONS
from search.selectors import candidates, statement
from search.selectors.candidates import Wanted, find_candidates
from search.selectors.sampling import EXACT_LIMIT
from search.selectors.steering import allowed_products
from search.services import weighing
from search.services.indexing import index_products
from search.services.weighing import count_corpus
from tests.factories.catalogue import make_product
from tests.factories.search import build_index, make_many

pytestmark = pytest.mark.django_db

MANY = 600


def by_leg(found, leg):
    ranks = getattr(found, leg)
    return [int(found.product_ids[place]) for place in np.argsort(ranks) if ranks[place]]


def by_words(query, **wanted):
    found = find_candidates(Wanted(parse_query(query), **wanted))
    return by_leg(found, "keyword_rank") + found.tail.tolist()


def by_meaning(vector, model, **wanted):
    found = find_candidates(Wanted(parse_query("x"), vector, model, words=False, **wanted))
    return by_leg(found, "semantic_rank")


def topped_up(vector, model, products):
    wanted = Wanted(parse_query("x"), vector, model, products, words=False, depth=1)
    return find_candidates(wanted).topping.tolist()


@pytest.fixture
def scanning(monkeypatch):
    """As if every filter left too many products to rank exactly."""
    scanned = statement._TOPPING.replace(f"<= {statement.EXACT_LIMIT}", "< 0")
    monkeypatch.setattr(statement, "_TOPPING", scanned)


@pytest.fixture
def large(monkeypatch):
    """As if this were a large catalogue: filters that leave more than a hundred are not counted."""
    topping = statement._TOPPING.replace(f"> {4 * EXACT_LIMIT}", "> 0")
    topping = topping.replace(f"> {2 * EXACT_LIMIT} *", "> 100 *")
    # What is counted after all would be nothing: whether it was shows.
    monkeypatch.setattr(
        statement, "_TOPPING", topping.replace(f"LIMIT {EXACT_LIMIT + 1}", "LIMIT 0")
    )


@pytest.fixture
def written_anew():
    """For tests that change the statement: none is remembered from before, nor afterwards."""
    candidates._write_once.cache_clear()
    yield
    candidates._write_once.cache_clear()


@pytest.fixture
def many():
    """Products round a circle: each next one is a little further from the first."""
    products = make_many(MANY, "mug")
    index_products()
    angles = np.linspace(0, np.pi / 2, MANY)
    vectors = np.zeros((MANY, DIMENSIONS), np.float32)
    vectors[:, 0], vectors[:, 1] = np.cos(angles), np.sin(angles)
    literals = ["[" + ",".join(map(str, vector)) + "]" for vector in vectors.tolist()]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO search_productembedding (product_id, model_version, text_hash, vector)"
            " SELECT id, 'circle', '', vector::halfvec"
            " FROM unnest(%s::bigint[], %s::text[]) AS t (id, vector)",
            [[product.pk for product in products], literals],
        )
    return products


FIRST = np.eye(1, DIMENSIONS, dtype=np.float32)[0]


def test_any_word_will_do_and_more_words_are_better():
    both = make_product(title="Red mug")
    one = make_product(title="Blue mug")
    other = make_product(title="Red chair")
    index_products()
    assert by_words("red mugs") == [both.pk, one.pk, other.pk]


def test_the_title_counts_for_more_than_the_description():
    described = make_product(title="Plate", description="Goes with any teapot.")
    titled = make_product(title="Teapot")
    index_products()
    assert by_words("teapot") == [titled.pk, described.pk]


def test_rare_words_count_for_more():
    rare = make_product(title="Walnut tray")
    for _ in range(4):
        make_product(title="Steel tray")
    index_products()
    assert by_words("steel walnut")[0] == rare.pk


def test_a_match_of_little_is_no_match():
    for number in range(9):
        make_product(title=f"Tray {number}")
    whole = make_product(title="Tray of seasoned walnut")
    index_products()
    assert by_words("seasoned walnut tray") == [whole.pk]


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ('65" tv', "Big TV, 65 inches"), ("65 inch tv", 'Big TV 65"'), ("65in", "TV (65-inch)"),
        ("usb c hub", "USB-C hub"), ("usb-c hub", "USB-C hub"), ("usbc hub", "USB-C hub"),
        ("tshirt", "T-Shirt"), ("wifi", "Wi-Fi router"), ("1tb disk", "1 TB disk"),
        ("1-tb disk", "1TB disk"), ("iphone 6s", "Apple iPhone 6s"), ("4k", "4K monitor"),
        ("gray case", "Case - Black/Gray"), ("6s", "Case for iPhone 6/6s"),
        ("1/2 inch", "Pipe, 1/2 inch"), ("pixel 8", "Pixel-8"), ("att", "AT&T GoPhone"),
        ("at&t", "AT&T GoPhone"),
    ],
)  # fmt: skip
def test_units_and_model_names(query, title):
    wanted = make_product(title=title)
    make_product(title="Something else, 66 pieces")
    index_products()
    assert by_words(query) == [wanted.pk]


@pytest.fixture
def phones():
    """A shop with many iPhones, few of anything numbered 8, and no iPhone 8."""
    titles = {
        "seven": "Apple iPhone 7",
        "honor": "Huawei Honor 8",
        "case": "Case for iPhone 7 - Red",
    }
    for number in range(20):
        make_product(title=f"Apple iPhone {'SE' if number % 2 else '6s'} {64 + number}GB")
        make_product(title=f"Saucer {number + 10}")
    made = {name: make_product(title=title).pk for name, title in titles.items()}
    index_products()
    count_corpus()
    return made


def test_a_number_alone_is_no_match(phones):
    found = by_words("iphone 8")
    assert phones["seven"] in found
    assert phones["honor"] not in found


def test_a_number_counts_where_it_stands_behind_its_word(phones):
    apart = make_product(title="Stand of 7 parts, fits an iPhone").pk
    index_products()
    found = by_words("iphone 7")
    assert found[0] == phones["seven"]
    assert found.index(phones["case"]) < found.index(apart)


def test_the_word_before_a_number_need_not_be_known(phones):
    assert by_words("pixel 8") == [phones["honor"]]


@pytest.mark.parametrize("query", ["iphone 6", "iphone 6s", "iphone 7", "iphone6s"])
def test_a_list_of_models_names_each(query):
    wanted = make_product(title="Case for Apple® iPhone® 6/6s and 7 - Clear")
    make_product(title="Bag of 6, 6s or 7 pieces")
    index_products()
    assert by_words(query)[0] == wanted.pk


def test_what_something_is_for_counts_less_than_what_it_is():
    case = make_product(title="Case for Acme phone - black, phone phone").pk
    phone = make_product(title="Acme phone - black").pk
    index_products()
    assert by_words("acme phone") == [phone, case]
    assert by_words('"case for acme phone"') == [case]
    assert set(by_words('"phone - black"')) == {phone, case}


def test_a_word_that_all_products_have_does_not_inflate_what_stands_for_it():
    make_many(200, "Phone")
    wanted = make_product(title="iPhone").pk
    index_products()
    found = find_candidates(Wanted(parse_query("i phone")))
    assert found.product_ids[found.keyword_rank == 1].tolist() == [wanted]
    assert found.keyword_score.max() < 20


def test_words_typed_apart_are_found_together():
    headphones = make_product(title="Headphones")
    make_product(title="Saucer")
    index_products()
    assert by_words("head phone") == [headphones.pk]


def test_another_capacity_is_another_word():
    make_product(title="Disk 2 TB")
    one = make_product(title="Disk 1 TB")
    index_products()
    assert by_words("1tb") == [one.pk]


@pytest.mark.parametrize("query", ["tent 4 person", "4 person tent", "tent for 4 persons"])
def test_a_number_is_read_with_what_it_counts(query):
    make_product(title="Dome Tent of steel, 4 poles, person")
    four = make_product(title="Dome Tent of steel, 4-Person")
    make_product(title="Dome Tent of steel, 2-Person")
    make_many(20, "Mug")
    index_products()
    assert by_words(query)[0] == four.pk


@pytest.fixture
def mugs():
    return {
        title: make_product(title=title).pk
        for title in ("Red mug", "Mug, red rim", "Red mug for tea")
    }


def test_a_phrase_must_occur(mugs, encoder):
    build_index(encoder)
    found = by_words('"red mug"')
    assert set(found) == {mugs["Red mug"], mugs["Red mug for tea"]}
    wanted = Wanted(parse_query('"red mug"'), encoder.encode_query("red mug"), "words-1")
    assert set(find_candidates(wanted).product_ids) == set(found)


def test_what_is_excluded_is_not_found_by_either_leg(mugs, encoder):
    build_index(encoder)
    query = parse_query('red mug -"red rim" -tea')
    wanted = Wanted(query, encoder.encode_query("red mug"), "words-1")
    assert find_candidates(wanted).product_ids.tolist() == [mugs["Red mug"]]


def test_a_phrase_of_stop_words_asks_for_nothing(mugs):
    index_products()
    assert len(by_words('"of the" mug')) == len(mugs)


@pytest.mark.parametrize("query", ["PH-45/x", "ph-45/X", "SKU 9"])
def test_ids_and_skus_are_found_exactly(query):
    make_product(title="Sku 9 ph-45/x ph-45/x")
    named = make_product("PH-45/x" if query != "ph-45/X" else "PH-45/X", title="Mug", sku="SKU 9")
    index_products()
    found = find_candidates(Wanted(parse_query(query)))
    assert found.product_ids[found.exact == 1].tolist() == [named.pk]


def test_expansions_widen_the_search():
    couch = make_product(title="Couch")
    index_products()
    query = ParsedQuery("sofa", expansions=(Expansion("couch", 0.8),))
    assert find_candidates(Wanted(query)).product_ids.tolist() == [couch.pk]


@pytest.mark.usefixtures("written_anew")
def test_frequent_words_do_not_score_everything(monkeypatch):
    monkeypatch.setattr(weighing, "CHAMPIONS", 5)
    champions = weighing._CHAMPIONS.replace("1000", "5")
    monkeypatch.setattr(weighing, "_CHAMPIONS", champions)
    keyword = statement._TERMS.replace(f"<= {statement.SCORED} AS", "<= 20 AS")
    monkeypatch.setattr(statement, "_TERMS", keyword)
    for number in range(30):
        make_product(title=f"Mug {number}", description="word " * number)
    rare = make_product(title="Walnut bowl")
    index_products()
    count_corpus()
    found = by_words("mug")
    assert len(found) == 5
    titles = Product.objects.filter(pk__in=found).values_list("title", flat=True)
    assert set(titles) == {f"Mug {number}" for number in range(5)}
    assert rare.pk in by_words("walnut mug")


@pytest.mark.parametrize(
    "query", ["a & b | !c <-> (d:*", "'", "\\", "'; DROP TABLE x;--", "the of", ":*", "100%", "%s"]
)
def test_syntax_is_only_text(query):
    make_product(title="O'Neill's back\\slash d 100% cotton")
    index_products()
    by_words(query)


def test_meaning_finds_what_words_do_not(encoder):
    couch = make_product(title="Leather couch")
    make_product(title="Steel kettle")
    build_index(encoder)
    found = find_candidates(Wanted(parse_query("sofa"), encoder.encode_query("sofa"), "words-1"))
    assert by_leg(found, "semantic_rank")[0] == couch.pk
    assert by_leg(found, "keyword_rank") == []


def test_what_is_unlike_the_query_is_not_found_by_meaning(encoder):
    couch = make_product(title="Couch")
    make_product(title="Steel kettle")
    build_index(encoder)
    assert by_meaning(encoder.encode_query("sofa"), "words-1", floor=0.5) == [couch.pk]


def test_unpublished_products_and_those_of_other_models_are_not_found(encoder):
    make_product(title="Red mug", published=False)
    make_product(title="Red mug", variants=[])
    shown = make_product(title="Red mug")
    build_index(encoder)
    vector = encoder.encode_query("red mug")
    found = find_candidates(Wanted(parse_query("red mug"), vector, "words-1"))
    assert found.product_ids.tolist() == [shown.pk]
    assert by_meaning(vector, "another") == []


def test_publishing_is_followed(encoder):
    product = make_product(title="Red mug", published=False)
    build_index(encoder)
    assert by_words("mug") == []
    Product.objects.filter(pk=product.pk).update(published=True)
    assert index_products([product.pk]) == []
    assert by_words("mug") == [product.pk]


def test_hidden_and_pinned_products(encoder):
    first, second = make_product(title="Red mug"), make_product(title="Red mug too")
    chair = make_product(title="Chair")
    build_index(encoder)
    vector = encoder.encode_query("red mug")
    wanted = Wanted(
        parse_query("red mug"), vector, "words-1", pinned=[chair.pk], hidden=[first.pk], floor=0.4
    )
    assert set(find_candidates(wanted).product_ids) == {second.pk, chair.pk}


def test_one_round_trip(django_assert_num_queries, encoder):
    make_product(title="Red mug")
    build_index(encoder)
    products = allowed_products(ProductFilters(in_stock=True), [])
    wanted = Wanted(parse_query("mug -tea"), encoder.encode_query("mug"), "words-1", products)
    with django_assert_num_queries(1):
        find_candidates(wanted)


def test_filters_that_leave_nothing_find_nothing():
    make_product(title="Red mug")
    index_products()
    assert by_words("mug", products=Product.objects.none()) == []


def test_the_vector_index_finds_what_is_nearest(many):
    found = by_meaning(FIRST, "circle")
    exact = [product.pk for product in many[:100]]
    assert len(set(found) & set(exact)) >= 95


@pytest.mark.parametrize("scan", [False, True])
def test_a_filter_that_leaves_few_is_topped_up_by_the_nearest(many, scan, request):
    if scan:
        request.getfixturevalue("scanning")
    last = [product.pk for product in many[-5:]]
    assert topped_up(FIRST, "circle", Product.objects.filter(pk__in=last)) == last


@pytest.mark.usefixtures("large")
def test_a_filter_that_leaves_most_of_a_large_catalogue_is_not_counted(many):
    half = [product.pk for product in many[::2]]
    assert topped_up(FIRST, "circle", Product.objects.filter(pk__in=half)) == half[1:100]
    few = Product.objects.filter(pk__in=half[:5])
    assert topped_up(FIRST, "circle", few) == []  # is counted, and here that finds nothing


@pytest.mark.usefixtures("scanning")
def test_without_iterative_scans_it_would_not(many, monkeypatch):
    off = statement.SETTINGS.replace("'relaxed_order'", "'off'")
    monkeypatch.setattr(statement, "SETTINGS", off)
    few = Product.objects.filter(pk__in=[product.pk for product in many[-5:]])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
    assert topped_up(FIRST, "circle", few) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("query", ["mug", '"red mug"'])
def test_settings_end_with_the_statement(query, encoder):
    make_product(title="Red mug")
    build_index(encoder)
    find_candidates(Wanted(parse_query(query), encoder.encode_query("red mug"), "words-1"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('hnsw.iterative_scan', true)")
        assert cursor.fetchone()[0] in {"off", "", None}


@pytest.mark.django_db(transaction=True)
def test_a_plain_query_is_planned_once_for_all(encoder):
    make_product(title="Red mug")
    build_index(encoder)
    connection.close()  # forgets what was planned before
    vector = encoder.encode_query("mug")
    for query in ["mug", "red mug", "mug red"] * 3:
        find_candidates(Wanted(parse_query(query), vector, "words-1", tokens=["mug"]))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans FROM pg_prepared_statements WHERE statement LIKE '%hnsw%'"
        )
        assert cursor.fetchone()[0] == 4


@pytest.mark.parametrize(("strange", "held"), [(["kettel"], True), (["mug"], False), ([], False)])
def test_nothing_is_looked_for_where_a_strange_word_has_no_product(encoder, strange, held):
    make_product(title="Red mug")
    build_index(encoder)
    found = find_candidates(
        Wanted(
            parse_query("kettel mug"), encoder.encode_query("kettel mug"), "words-1",
            tokens=["kettel", "mug"], strange=strange,
        )
    )  # fmt: skip
    assert found.held is held
    assert found.known.tolist() == [0, 1]
    assert (len(found.product_ids) == 0) is held


def test_an_id_is_found_however_strange(encoder):
    named = make_product("kettel", title="Red mug")
    build_index(encoder)
    found = find_candidates(Wanted(parse_query("kettel"), tokens=["kettel"], strange=["kettel"]))
    assert not found.held
    assert found.product_ids.tolist() == [named.pk]
