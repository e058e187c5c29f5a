"""Notes of what changed for a product's price, left by triggers for the next round.

Only while there is a rule: without one nobody reads them, and the first round after a rule was made
looks at everything. See docs/decisions/0089.
"""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

_NOTE = """
CREATE FUNCTION pricing_note_{name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM pricing_pricingrule WHERE retired_at IS NULL) THEN
    INSERT INTO pricing_dueproduct (product_id) {products};
  END IF;
  RETURN NULL;
END
$$
"""

# The kill switch moves prices by the hundred thousand; when it is released all are looked at anyway.
PRICES = """
SELECT DISTINCT v.product_id FROM fresh JOIN catalogue_variant AS v ON v.id = fresh.variant_id
WHERE fresh.basis <> 'imported' AND fresh.cause <> 'kill_switch'
"""
VARIANTS = """
SELECT DISTINCT n.product_id FROM after AS n JOIN before AS o ON o.id = n.id
WHERE (n.list_price, n.currency, n.cost, n.stock, n.product_id)
  IS DISTINCT FROM (o.list_price, o.currency, o.cost, o.stock, o.product_id)
"""
SIGNALS = "SELECT DISTINCT product_id FROM fresh"
PRODUCT = "VALUES (NEW.id)"

FUNCTIONS = {
    "due_prices": PRICES, "due_variants": VARIANTS, "due_signals": SIGNALS, "due_product": PRODUCT,
}  # fmt: skip
_FRESH = "REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT"
TRIGGERS = [
    ("pricing_pricehistory", "price_due", f"AFTER INSERT ON {{}} {_FRESH}", "due_prices"),
    ("pricing_demandsignal", "signal_new_due", f"AFTER INSERT ON {{}} {_FRESH}", "due_signals"),
    ("pricing_demandsignal", "signal_changed_due", f"AFTER UPDATE ON {{}} {_FRESH}", "due_signals"),
    ("catalogue_variant", "price_due",
     "AFTER UPDATE ON {} REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT",
     "due_variants"),
    ("catalogue_product", "price_due",
     ("AFTER UPDATE OF published, category_id, brand_id ON {} FOR EACH ROW"
      " WHEN ((OLD.published, OLD.category_id, OLD.brand_id)"
      " IS DISTINCT FROM (NEW.published, NEW.category_id, NEW.brand_id))"),
     "due_product"),
]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("pricing", "0006_who_sets_a_price")]

    operations = [
        migrations.CreateModel(
            name="DueProduct",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="catalogue.product",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LastRound",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slot", models.DateTimeField()),
                (
                    "began_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("ground", models.JSONField(default=dict)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("pk", 1)), name="last_round_is_one")
                ],
            },
        ),
        *(
            migrations.RunSQL(
                _NOTE.format(name=name, products=products), f"DROP FUNCTION pricing_note_{name}"
            )
            for name, products in FUNCTIONS.items()
        ),
        *(
            migrations.RunSQL(
                f"CREATE TRIGGER {name} {when.format(table)} EXECUTE FUNCTION pricing_note_{function}()",
                f"DROP TRIGGER {name} ON {table}",
            )
            for table, name, when, function in TRIGGERS
        ),
    ]
