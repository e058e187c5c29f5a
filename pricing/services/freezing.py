"""Freeze a product's prices, and let them move again."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from catalogue.models import Product
from pricing.models import PriceFreeze, PricingAction
from pricing.services.acting import note_action


def freeze_product(
    product: Product, actor: str, reason: str = "", until: datetime | None = None
) -> PriceFreeze:
    """Keep deciders, persons and campaigns from moving its prices, until then or until lifted."""
    with transaction.atomic():
        freeze, _ = PriceFreeze.objects.update_or_create(
            product=product,
            lifted_at=None,
            defaults={"until": until, "created_by": actor, "reason": reason},
        )
        shown = until.isoformat() if until else None
        note_action(PricingAction.Kind.FREEZE, actor, product.public_id, reason, until=shown)
    return freeze


def unfreeze_product(product: Product, actor: str, reason: str = "") -> bool:
    """Let its prices move again; whether they were frozen."""
    with transaction.atomic():
        lifted = PriceFreeze.objects.filter(product=product, lifted_at=None).update(
            lifted_at=timezone.now(), lifted_by=actor
        )
        if lifted:
            note_action(PricingAction.Kind.UNFREEZE, actor, product.public_id, reason)
    return bool(lifted)
