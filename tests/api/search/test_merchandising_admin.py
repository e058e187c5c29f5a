"""The admin's pages: rules and their dry run, reports, judging a list, what may be suggested."""

import csv
import io

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client

from catalogue.models import Product
from search.models import BlockedSuggestion, Judgment, MerchandisingRule, QuerySuggestion, Synonym
from search.selectors.judgments import judgments_by_query
from tests.factories.catalogue import make_product
from tests.factories.merchandising import action, make_rule, search_and
from tests.factories.search import build_index

pytestmark = pytest.mark.django_db
LABEL = "/admin/search/judgment/label/"


@pytest.fixture(autouse=True)
def shop(settings, encoder):
    settings.ANONYMOUS_READS = True
    for number in range(3):
        make_product(f"mug{number}", title=f"<b>Mug</b> {number}", category=("Kitchen",))
    build_index(encoder)


@pytest.fixture
def admin(admin_user):
    client = Client()
    client.force_login(admin_user)
    return client


@pytest.fixture
def clerk():
    client = Client()
    client.force_login(User.objects.create_user("clerk", is_staff=True))
    return client


def page(client, path, status=200, **parameters):
    response = client.get(path, parameters)
    assert response.status_code == status, response.content
    return response.content.decode()


def grade(client, query, **grades):
    keys = dict(Product.objects.values_list("public_id", "pk"))
    fields = {f"grade-{keys[name]}": value for name, value in grades.items()}
    return client.post(LABEL, {"q": query} | fields)


def test_a_list_is_judged_and_judged_anew(admin, admin_user):
    shown = page(admin, LABEL, q="mug")
    assert shown.count("<fieldset>") == 3
    assert "&lt;b&gt;Mug&lt;/b&gt;" in shown
    assert grade(admin, "mug", mug0="3", mug1="0", mug2="").status_code == 302
    assert judgments_by_query() == {"mug": {"mug0": 3.0, "mug1": 0.0}}
    assert Judgment.objects.get(grade=3).judged_by == admin_user
    grade(admin, " mug ", mug0="2", mug1="")
    assert judgments_by_query() == {"mug": {"mug0": 2.0}}
    assert page(admin, LABEL, q="mug").count("checked") == 3


def test_what_is_posted_wrongly_is_left_out(admin):
    admin.post(LABEL, {"q": "mug", "grade-x": "3", "grade-1": "7", "grade": "2", "grade-²": "1"})
    assert not Judgment.objects.exists()


def test_judgments_are_exported_as_they_are_read(admin):
    grade(admin, 'a "quoted", mug', mug0="3")
    answer = admin.get("/admin/search/judgment/export/")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert rows == [{"query": 'a "quoted", mug', "product_id": "mug0", "grade": "3"}]


def test_a_report_shows_queries_and_leads_to_judging(admin):
    search_and("click", "mug")
    search_and(None, "<i>teapot</i>", category="kitchen")
    shown = page(admin, "/admin/search/searchquery/report/")
    assert ">mug<" in shown
    assert "&lt;i&gt;teapot&lt;/i&gt;" in shown
    assert "label/?q=mug" in shown
    before = page(admin, "/admin/search/searchquery/report/", end="2001-01-01", start="2000-01-01")
    assert ">mug<" not in before
    assert "errornote" in page(admin, "/admin/search/searchquery/report/", start="soon")


def test_a_rule_is_made_on_its_page_with_queries_one_a_line(admin):
    mug = Product.objects.get(public_id="mug1")
    prefix = {"actions-TOTAL_FORMS": 1, "actions-INITIAL_FORMS": 0}
    form = prefix | {
        "name": "First", "queries": "mug\r\nred, mug\r\n\r\n", "match": "exact", "priority": 0,
        "enabled": "on", "actions-0-kind": "pin", "actions-0-product": mug.pk,
        "actions-0-position": 1, "actions-0-in_stock": "unknown",
    }  # fmt: skip
    answer = admin.post("/admin/search/merchandisingrule/add/", form)
    assert answer.status_code == 302, answer.content.decode()
    rule = MerchandisingRule.objects.get()
    assert rule.queries == ["mug", "red, mug"]
    assert rule.actions.get().product == mug
    wrong = admin.post("/admin/search/merchandisingrule/add/", form | {"actions-0-position": ""})
    assert "pin needs it." in wrong.content.decode()
    page(admin, f"/admin/search/merchandisingrule/{rule.pk}/change/")
    assert "mug, red, mug" in page(admin, "/admin/search/merchandisingrule/")


def test_a_dry_run_shows_what_a_rule_does_though_it_is_off(admin):
    rule = make_rule(
        action("hide", Product.objects.get(public_id="mug1")), action("banner", text="<Hi>"),
        queries=["mug"], enabled=False,
    )  # fmt: skip
    shown = page(admin, f"/admin/search/merchandisingrule/{rule.pk}/preview/")
    assert 'class="gone"' in shown
    assert "&lt;Hi&gt;" in shown
    other = page(admin, f"/admin/search/merchandisingrule/{rule.pk}/preview/", q="pan")
    assert "does not apply" in other


def test_synonyms_and_blocked_words_are_made(admin):
    form = {"direction": "two_way", "terms": "tv\r\ntelevision", "enabled": "on"}
    assert admin.post("/admin/search/synonym/add/", form).status_code == 302
    assert Synonym.objects.get().terms == ["tv", "television"]
    wrong = admin.post("/admin/search/synonym/add/", form | {"terms": "tv"})
    assert wrong.status_code == 200
    QuerySuggestion.objects.create(query="rude mug", text="rude mug", shoppers=9, product_ids=[1])
    block = {"action": "block", "_selected_action": [QuerySuggestion.objects.get().pk]}
    assert admin.post("/admin/search/querysuggestion/", block).status_code == 302
    assert BlockedSuggestion.objects.get().text == "rude mug"


@pytest.mark.parametrize(
    "path",
    ["judgment/label/", "judgment/export/", "searchquery/report/", "merchandisingrule/1/preview/"],
)
def test_staff_without_permission_see_nothing(clerk, path):
    page(clerk, f"/admin/search/{path}", status=403)
    assert Client().get(f"/admin/search/{path}").status_code == 302


@pytest.mark.parametrize(
    "model",
    [
        "judgment",
        "merchandisingrule",
        "synonym",
        "blockedsuggestion",
        "querysuggestion",
        "searchquery",
    ],
)
def test_every_list_opens(admin, model):
    page(admin, f"/admin/search/{model}/")


def test_evaluation_reads_what_was_judged():
    with pytest.raises(CommandError, match="Nobody has judged"):
        call_command("evaluate_search", "--judgments", "db")
