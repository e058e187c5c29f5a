"""Candidates of two searches, fused into one list: by their ranks, then by how good they are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# What a title match of every word comes to; more is only repetition.
MAX_KEYWORD_SCORE = 1.6


@dataclass(frozen=True, slots=True)
class FusionSettings:
    """How the two searches are weighed. All are settings of the deployment.

    `depth` candidates of each are fused with the constant `k` and the two weights; how much a
    product's closeness in meaning (its cosine, at weight 1), its words (`keyword_evidence`) and
    what it is (`kind`) say beside its ranks (`agreement`) is set by the others.
    """

    depth: int = 100
    k: float = 60.0
    semantic_weight: float = 1.5
    keyword_weight: float = 1.0
    agreement: float = 0.5
    keyword_evidence: float = 0.35
    kind: float = 0.1

    @property
    def weights(self) -> dict[str, float]:
        """The weight of each search, by its name."""
        return {"semantic": self.semantic_weight, "keyword": self.keyword_weight}


DEFAULTS = FusionSettings()


class Candidate(NamedTuple):
    """A product that a search found; a tuple, which is made in a fifth of a dataclass's time.

    Ranks are 1-based, and 0 where that search missed it. `similarity` is a cosine (-1 to 1);
    `keyword_score` is BM25 as a share of what one mention of every word would give (about 0 to
    1.6). `kind`: it is what the query names, such as a case. `exact`: its id or sku was asked for.
    `topped_up`: not of the query's result set, shown because the filters left few. `personal` is by
    how many places the shopper's taste lifted it, `rule` the merchandising rule that pinned it
    (`moved` is 0) or moved it by so many places; 0 for none.
    """

    product_id: int
    score: float = 0.0
    semantic_rank: int = 0
    keyword_rank: int = 0
    similarity: float = 0.0
    keyword_score: float = 0.0
    personal: float = 0.0
    kind: bool = False
    exact: bool = False
    topped_up: bool = False
    rule: int = 0
    moved: int = 0


def fuse_ranks(
    ranks: Mapping[str, Ints], weights: Mapping[str, float], *, k: float, depth: int
) -> Floats:
    """Sum of weight / (k + rank) over the searches, shape (n,); 1 for what is first in all.

    `ranks` holds the 1-based rank of each of n products by the search's name; 0 or beyond `depth`
    means not found. Cormack, Clarke and Büttcher, "Reciprocal rank fusion outperforms Condorcet
    and individual rank learning methods", SIGIR 2009. The order of the searches has no say.
    """
    shares = [
        np.where((found > 0) & (found <= depth), weights[name] / (k + found), 0.0)
        for name, found in sorted(ranks.items())
    ]
    best = sum(weights[name] for name in sorted(ranks)) / (k + 1)
    return np.sum(shares, axis=0) / best if best else np.zeros(0)


class Evidence(NamedTuple):
    """What the searches say of n products: columns of shape (n,), as a `Candidate` has them."""

    semantic_rank: Ints
    keyword_rank: Ints
    similarity: Floats
    keyword_score: Floats
    kind: Ints


def score_candidates(found: Evidence, settings: FusionSettings = DEFAULTS) -> Floats:
    """The score of each of n products, 0 to 1, from its ranks, how good and what it is, shape (n,).

    Ranks alone forget by how much one product is better than the next, which a convex combination
    of the scores keeps: Bruch, Gai and Ingber, "An analysis of fusion functions for hybrid
    retrieval", TOIS 2023. Here both speak.
    """
    agreement = fuse_ranks(
        {"semantic": found.semantic_rank, "keyword": found.keyword_rank},
        settings.weights, k=settings.k, depth=settings.depth,
    )  # fmt: skip
    close = np.clip(found.similarity, 0.0, 1.0)
    words = np.clip(found.keyword_score, 0.0, MAX_KEYWORD_SCORE)
    total = settings.agreement * agreement + close + settings.keyword_evidence * words
    return np.asarray((total + settings.kind * found.kind) / _full_marks(settings), np.float64)


def score_tail(ranks: Ints, settings: FusionSettings = DEFAULTS) -> Floats:
    """The score of products that only the search by words has, beyond the depth; shape (n,).

    Less than any fused product has, and falling: so pages go deeper without a say in the first.
    """
    weights = settings.weights
    share = weights["keyword"] / (settings.k + ranks) * (settings.k + 1) / sum(weights.values())
    return np.asarray(settings.agreement * share / _full_marks(settings), np.float64)


def explain_score(candidate: Candidate, settings: FusionSettings = DEFAULTS) -> dict[str, float]:
    """What each part adds to the fused score of `candidate`, boosts aside; they sum up to it.

    By name: semantic_rank, keyword_rank, similarity, keyword_score, kind.
    """
    marks, weights = _full_marks(settings), settings.weights
    by_rank = settings.agreement * (settings.k + 1) / sum(weights.values()) / marks
    fused = candidate.semantic_rank or candidate.keyword_rank <= settings.depth
    evidence = settings.keyword_evidence * min(max(candidate.keyword_score, 0), MAX_KEYWORD_SCORE)

    def of_rank(leg: str, rank: int) -> float:
        counts = rank > 0 and (rank <= settings.depth or not fused)
        return by_rank * weights[leg] / (settings.k + rank) if counts else 0.0

    return {
        "semantic_rank": of_rank("semantic", candidate.semantic_rank),
        "keyword_rank": of_rank("keyword", candidate.keyword_rank),
        "similarity": min(max(candidate.similarity, 0.0), 1.0) / marks if fused else 0.0,
        "keyword_score": evidence / marks if fused else 0.0,
        "kind": settings.kind * candidate.kind / marks if fused else 0.0,
    }


def _full_marks(settings: FusionSettings) -> float:
    return settings.agreement + 1 + settings.keyword_evidence * MAX_KEYWORD_SCORE + settings.kind


def order_candidates(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Best first; ties by product id, so that the same answer always has the same order."""
    return sorted(candidates, key=lambda c: (not c.exact, -c.score, c.product_id))
