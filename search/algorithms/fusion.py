"""Candidates of two searches, fused into one list by reciprocal rank."""

from collections.abc import Iterable
from dataclasses import dataclass

RANK_CONSTANT = 60
CANDIDATES = 50


@dataclass(frozen=True, slots=True)
class Candidate:
    """A product that a search found. Ranks are 1-based, and 0 where that search missed it.

    `similarity` is a cosine (-1 to 1), `keyword_score` PostgreSQL's ts_rank (0 or more); both are
    0 where the search missed the product. `category_id` is 0 for none. `boost` is the share that
    the shopper's preferences add to the fused score.
    """

    product_id: int
    semantic_rank: int = 0
    keyword_rank: int = 0
    similarity: float = 0.0
    keyword_score: float = 0.0
    category_id: int = 0
    boost: float = 0.0

    @property
    def score(self) -> float:
        """What orders the list: the fused score, boosted."""
        return fuse_ranks(self.semantic_rank, self.keyword_rank) * (1 + self.boost)

    @property
    def is_close(self) -> bool:
        """Whether a search has it among its first 50: the others only fill later pages."""
        return 0 < self.semantic_rank <= CANDIDATES or 0 < self.keyword_rank <= CANDIDATES


def fuse_ranks(*ranks: int, k: int = RANK_CONSTANT, depth: int = CANDIDATES) -> float:
    """Sum of 1 / (k + rank) over the ranks within `depth`; 0 means not ranked.

    Cormack, Clarke and Büttcher, "Reciprocal rank fusion outperforms Condorcet and individual
    rank learning methods", SIGIR 2009. A product that no search has within `depth` gets only its
    best rank's share, which is less than any within `depth` have: so later pages can go deeper
    without a say in the first `depth`.
    """
    score = best = 0.0
    for rank in ranks:
        if rank:
            share = 1 / (k + rank)
            best = max(best, share)
            score += share if rank <= depth else 0.0
    return score or best


def order_candidates(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Best first; ties by product id, so that the same answer always has the same order."""
    return sorted(candidates, key=lambda candidate: (-candidate.score, candidate.product_id))
