"""Texts beside behaviour in item-kNN."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from recommendations.algorithms.blend import EngineSettings, Given, fit_model
from recommendations.algorithms.interactions import build_seen, build_user_items
from recommendations.algorithms.recommending import recommend
from recommendations.algorithms.similar import rank_similar
from recommendations.algorithms.texts import (
    LEAST_COSINE,
    SPOKEN,
    join_texts,
    similarity_of_vectors,
)
from recommendations.exceptions import UnreadableInteractionsError
from recommendations.services.product_files import file_similarity
from tests.factories.search import WordEncoder
from tests.unit.recommendations.test_blend import AS_OF, PRODUCTS, SETTINGS, two_tastes

MET, UNMET = 3, PRODUCTS  # one that many met, and a new one that reads like it


def with_new_product():
    interactions = two_tastes()
    texts = sp.lil_matrix((PRODUCTS + 1, PRODUCTS + 1), dtype=np.float32)
    texts[MET, UNMET] = texts[UNMET, MET] = 0.8
    return replace(interactions, shape=(interactions.shape[0], PRODUCTS + 1)), texts.tocsr()


def lists(interactions, settings, texts):
    model = fit_model(interactions, settings, AS_OF, Given(texts=texts))
    rows = build_user_items(interactions, settings.confidence, AS_OF)
    return model, list(recommend(model, rows, build_seen(interactions), PRODUCTS))


def test_what_nobody_met_is_recommended_to_who_liked_what_reads_like_it():
    interactions, texts = with_new_product()
    _, ranked = lists(interactions, SETTINGS, texts)
    liked = build_seen(interactions)[:, [MET]].toarray().ravel() > 0
    found = np.array([UNMET in ranking.products for ranking in ranked])
    assert (found == liked).all()
    for ranking in np.array(ranked, dtype=object)[liked]:
        place = ranking.products.tolist().index(UNMET)
        assert [cause for cause, _ in ranking.reasons[place]] == [MET]


def test_without_weight_texts_change_nothing():
    interactions, texts = with_new_product()
    _, deaf = lists(interactions, replace(SETTINGS, text_weight=0.0), texts)
    _, plain = lists(interactions, SETTINGS, None)
    for one, other in zip(deaf, plain, strict=True):
        assert one.products.tolist() == other.products.tolist()
        assert one.scores.tolist() == other.scores.tolist()


def test_what_reads_alike_is_not_what_was_bought_together():
    interactions, texts = with_new_product()
    model, _ = lists(interactions, SETTINGS, texts)
    (together, _), *_ = [list(rank_similar(model, PRODUCTS))[MET]]
    assert UNMET not in together


def test_texts_say_as_much_as_their_weight():
    similarity = sp.csr_matrix(np.array([[0, 6.0], [2.0, 0]], dtype=np.float32))
    texts = sp.csr_matrix(np.array([[0, 0.5], [0.5, 0]], dtype=np.float32))
    joined = join_texts(similarity, texts, 0.5)
    assert joined.toarray().tolist() == [[0, 8.0], [4.0, 0]]


def test_texts_speak_alone_where_nobody_did_anything():
    nothing = sp.csr_matrix((2, 2), dtype=np.float32)
    texts = sp.csr_matrix(np.array([[0, 0.5], [0.5, 0]], dtype=np.float32))
    assert join_texts(nothing, texts, 2.0).toarray().tolist() == [[0, 1.0], [1.0, 0]]
    assert join_texts(nothing, nothing, 1.0).nnz == 0


@given(st.integers(0, 60), st.integers(0, 2**32 - 1))
def test_the_nearest_are_those_of_all_pairs(size, seed):
    vectors = np.random.default_rng(seed).normal(size=(size, 4)).astype(np.float32)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    found = similarity_of_vectors(vectors)
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -1.0)
    for row in range(size):
        expected = np.sort(cosines[row][cosines[row] >= LEAST_COSINE])[::-1][:SPOKEN] ** 2
        assert np.sort(found[row].data)[::-1] == pytest.approx(expected, abs=1e-5)


def test_products_of_a_file_are_near_by_their_texts(tmp_path):
    path = tmp_path / "products.jsonl"
    path.write_text(
        '{"id": "a", "title": "Red kettle"}\n{"id": "b", "title": "Red kettle, large"}\n'
        '{"id": "c", "title": "Garden hose", "brand": "Nowhere", "category_path": ["Garden"]}\n'
    )
    found = file_similarity(str(path), ["c", "b", "unknown", "a"], WordEncoder()).toarray()
    assert found[1, 3] == found[3, 1] > 0.3
    assert not found[2].any()
    assert not found[:, 2].any()


@pytest.mark.parametrize("line", ["[1]", "{", '{"title": "No id"}', '{"id": "a"}', "7"])
def test_what_is_no_product_is_named_with_its_line(tmp_path, line):
    path = tmp_path / "products.jsonl"
    path.write_text('{"id": "a", "title": "Red kettle"}\n' + line + "\n")
    with pytest.raises(UnreadableInteractionsError, match="line 2"):
        file_similarity(str(path), ["a"], WordEncoder())


def test_settings_stored_before_texts_spoke_are_read():
    from recommendations.services.store import engine_settings, settings_document  # noqa: PLC0415

    document = settings_document(EngineSettings())
    del document["text_weight"]
    assert engine_settings(document) == EngineSettings()
