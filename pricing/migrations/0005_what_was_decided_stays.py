"""What was proposed and decided stays as it was, in the database too; and no amount is NaN."""

from django.db import migrations, models

# A pending proposal is decided on, once; its price, reasons and inputs are never changed.
KEEP_PROPOSALS = """
CREATE FUNCTION pricing_keep_proposals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state = 'pending' THEN
    OLD.state := NEW.state; OLD.note := NEW.note; OLD.expires_at := NEW.expires_at;
    OLD.decided_at := NEW.decided_at; OLD.decided_by := NEW.decided_by;
    IF OLD IS NOT DISTINCT FROM NEW THEN
      RETURN NEW;
    END IF;
  END IF;
  PERFORM pricing_refuse('proposal_kept', 'a proposal stays as it was made and decided');
END
$$
"""
TRIGGERS = [
    ("pricing_priceproposal", "proposal_kept", "BEFORE UPDATE", "FOR EACH ROW", "keep_proposals"),
    ("pricing_pricingaction", "price_emptied", "AFTER TRUNCATE", "FOR EACH STATEMENT",
     "check_emptied"),
]  # fmt: skip

# A floor beyond what a column of money holds would stop the whole import that brings such a cost.
FLOOR = """
CREATE OR REPLACE FUNCTION pricing_floor(cost numeric, margin numeric, currency text) RETURNS numeric
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT least(9999999999, ceil(cost * (1 + margin) * 10::numeric ^ pricing_exponent(currency))
    / 10::numeric ^ pricing_exponent(currency))
$$
"""


class Migration(migrations.Migration):
    dependencies = [("pricing", "0004_demand_fits")]

    operations = [
        migrations.RemoveConstraint("pricehistory", "price_not_negative"),
        migrations.AddConstraint(
            "pricehistory",
            models.CheckConstraint(
                condition=models.Q(("amount__gte", 0), ("amount__lt", 10000000000)),
                name="price_not_negative",
            ),
        ),
        migrations.RunSQL(KEEP_PROPOSALS, "DROP FUNCTION pricing_keep_proposals"),
        *(
            migrations.RunSQL(
                f"CREATE TRIGGER {name} {when} ON {table} {scope} "
                f"EXECUTE FUNCTION pricing_{function}()",
                f"DROP TRIGGER {name} ON {table}",
            )
            for table, name, when, scope, function in TRIGGERS
        ),
        migrations.RunSQL(FLOOR, migrations.RunSQL.noop),
    ]
