"""Keep rules: a change makes the next version and retires the one before."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from pricing.algorithms.conditions import StepError, check_steps
from pricing.exceptions import RuleError
from pricing.models import PricingAction, PricingRule
from pricing.services.acting import note_action


def save_rule(rule: PricingRule, actor: str, reason: str = "") -> PricingRule:
    """Keep `rule` as the next version of its name; RuleError names what is wrong with it."""
    check_rule(rule)
    with transaction.atomic():
        _lock_name(rule.name)
        latest = PricingRule.objects.filter(name=rule.name).order_by("-version").first()
        PricingRule.objects.current().filter(name=rule.name).update(retired_at=timezone.now())
        rule.pk, rule.version, rule.created_by = None, latest.version + 1 if latest else 1, actor
        rule.retired_at = None
        try:
            rule.validate_constraints()
        except ValidationError as error:
            raise RuleError("", error.messages[0]) from None
        rule.save(force_insert=True)
        kind = (
            PricingAction.Kind.SCHEDULE
            if rule.decider == PricingRule.Decider.CAMPAIGN
            else PricingAction.Kind.SAVE_RULE
        )
        note_action(kind, actor, str(rule), reason)
    return rule


def check_rule(rule: PricingRule) -> None:
    """Raise RuleError where `rule` can't be meant so; its field may go on into steps."""
    if not str(rule.name).strip():
        raise RuleError("name", "Give it a name.")
    try:
        check_steps(rule.steps)
        rule.clean_fields(exclude=["version"])
        rule.clean()
    except StepError as error:
        raise RuleError(f"steps{error.pointer}", str(error)) from None
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise RuleError(field, messages[0]) from None


def retire_rule(name: str, actor: str, reason: str = "") -> bool:
    """Let no rule `name` govern any more; whether there was one. A campaign ends with it."""
    with transaction.atomic():
        _lock_name(name)
        current = PricingRule.objects.current().filter(name=name).first()
        if current is None:
            return False
        PricingRule.objects.filter(pk=current.pk).update(retired_at=timezone.now())
        is_campaign = current.decider == PricingRule.Decider.CAMPAIGN
        kind = PricingAction.Kind.CANCEL if is_campaign else PricingAction.Kind.RETIRE_RULE
        note_action(kind, actor, str(current), reason)
    return True


def _lock_name(*parts: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", [f"rule {parts}"])
