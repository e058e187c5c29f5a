"""Write rules together with their actions."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from search.models import MerchandisingRule, RuleAction


def save_rule(
    rule: MerchandisingRule, actions: Sequence[Mapping[str, Any]] | None
) -> MerchandisingRule:
    """Save `rule`, and in place of its actions those that are given; None keeps what it has.

    One transaction: processes see the rule as it was or as it is.
    """
    with transaction.atomic():
        rule.save()
        if actions is not None:
            RuleAction.objects.filter(rule=rule).delete()
            RuleAction.objects.bulk_create(RuleAction(rule=rule, **fields) for fields in actions)
    return rule
