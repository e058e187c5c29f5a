"""What is found by words, and how good a match it is."""

import pytest

from catalogue.models import Product
from search.algorithms.query import Expansion, ParsedQuery, parse_query
from search.selectors import candidates, matching, statement
from search.selectors.candidates import Wanted, find_candidates
from search.services import weighing
from search.services.indexing import index_products
from search.services.weighing import count_corpus
from tests.factories.catalogue import make_product
from tests.factories.search import find_by_words, make_many

pytestmark = pytest.mark.django_db


@pytest.fixture
def written_anew():
    """For tests that change the statement: none is remembered from before, nor afterwards."""
    candidates._write_once.cache_clear()
    yield
    candidates._write_once.cache_clear()


def test_any_word_will_do_and_more_words_are_better():
    both = make_product(title="Red mug")
    one = make_product(title="Blue mug")
    other = make_product(title="Red chair")
    index_products()
    assert find_by_words("red mugs") == [both.pk, one.pk, other.pk]


def test_the_title_counts_for_more_than_the_description():
    described = make_product(title="Plate", description="Goes with any teapot.")
    titled = make_product(title="Teapot")
    index_products()
    assert find_by_words("teapot") == [titled.pk, described.pk]


def test_rare_words_count_for_more():
    rare = make_product(title="Walnut tray")
    for _ in range(4):
        make_product(title="Steel tray")
    index_products()
    assert find_by_words("steel walnut")[0] == rare.pk


def test_a_match_of_little_is_no_match():
    for number in range(9):
        make_product(title=f"Tray {number}")
    whole = make_product(title="Tray of seasoned walnut")
    index_products()
    assert find_by_words("seasoned walnut tray") == [whole.pk]


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
    assert find_by_words(query) == [wanted.pk]


@pytest.mark.parametrize("query", ["saute pan", "sauté pan", '"saute pan"', '"SAUTÉ PAN"'])
@pytest.mark.parametrize("excluded", ["-etoile", "-étoile", '-"etoile saute"'])
def test_accents_make_no_difference(query, excluded):
    found = [make_product(title=title).pk for title in ("Sauté pan", "Saute pan, steel")]
    make_product(title="Étoile sauté pan")
    make_product(title="E\u0301toile saute\u0301 pan")
    index_products()
    assert sorted(find_by_words(f"{query} {excluded}")) == found


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
    found = find_by_words("iphone 8")
    assert phones["seven"] in found
    assert phones["honor"] not in found


def test_a_number_counts_where_it_stands_behind_its_word(phones):
    apart = make_product(title="Stand of 7 parts, fits an iPhone").pk
    index_products()
    found = find_by_words("iphone 7")
    assert found[0] == phones["seven"]
    assert found.index(phones["case"]) < found.index(apart)


def test_the_word_before_a_number_need_not_be_known(phones):
    assert find_by_words("pixel 8") == [phones["honor"]]


@pytest.mark.parametrize("query", ["iphone 6", "iphone 6s", "iphone 7", "iphone6s"])
def test_a_list_of_models_names_each(query):
    wanted = make_product(title="Case for Apple® iPhone® 6/6s and 7 - Clear")
    make_product(title="Bag of 6, 6s or 7 pieces")
    index_products()
    assert find_by_words(query)[0] == wanted.pk


def test_what_something_is_for_counts_less_than_what_it_is():
    case = make_product(title="Case for Acme phone - black, phone phone").pk
    phone = make_product(title="Acme phone - black").pk
    index_products()
    assert find_by_words("acme phone") == [phone, case]
    assert find_by_words('"case for acme phone"') == [case]
    assert set(find_by_words('"phone - black"')) == {phone, case}


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
    assert find_by_words("head phone") == [headphones.pk]


def test_another_capacity_is_another_word():
    make_product(title="Disk 2 TB")
    one = make_product(title="Disk 1 TB")
    index_products()
    assert find_by_words("1tb") == [one.pk]


@pytest.mark.parametrize("query", ["tent 4 person", "4 person tent", "tent for 4 persons"])
def test_a_number_is_read_with_what_it_counts(query):
    make_product(title="Dome Tent of steel, 4 poles, person")
    four = make_product(title="Dome Tent of steel, 4-Person")
    make_product(title="Dome Tent of steel, 2-Person")
    make_many(20, "Mug")
    index_products()
    assert find_by_words(query)[0] == four.pk


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
    keyword = matching.TERMS.replace(f"<= {matching.SCORED} AS", "<= 20 AS")
    monkeypatch.setattr(statement, "TERMS", keyword)
    for number in range(30):
        make_product(title=f"Mug {number}", description="word " * number)
    rare = make_product(title="Walnut bowl")
    index_products()
    count_corpus()
    found = find_by_words("mug")
    assert len(found) == 5
    titles = Product.objects.filter(pk__in=found).values_list("title", flat=True)
    assert set(titles) == {f"Mug {number}" for number in range(5)}
    assert rare.pk in find_by_words("walnut mug")
