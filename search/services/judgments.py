"""Keep what people think of what a query finds."""

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from search.algorithms.text import normalise_query
from search.models import Judgment


def save_judgments(query: str, grades: Mapping[int, int | None], judge_id: int | None) -> int:
    """Keep a grade (0 to 3) for each product key, forget those that are None; how many are kept.

    The last word stands, whoever said it; a grade that stays the same keeps who gave it.
    """
    query = normalise_query(query)
    kept = {product_id: grade for product_id, grade in grades.items() if grade is not None}
    with transaction.atomic():
        known = Judgment.objects.filter(query=query, product_id__in=list(grades))
        known.exclude(product_id__in=list(kept)).delete()
        same = {(row.product_id, row.grade) for row in known}
        rows = [
            Judgment(
                query=query, product_id=product_id, grade=grade,
                judged_by_id=judge_id, judged_at=timezone.now(),
            )
            for product_id, grade in kept.items()
            if (product_id, grade) not in same
        ]  # fmt: skip
        Judgment.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["query", "product"],
            update_fields=["grade", "judged_by", "judged_at"],
        )  # fmt: skip
    return len(kept)
