"""The triggers of the one door: what a new price must meet, and what follows from it."""

from django.db import migrations

# Before a row comes into the history: lock, check, fill in what is known, close the row before.
CHECK_PRICE = """
CREATE FUNCTION pricing_check_price() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  v catalogue_variant;
  o catalogue_offer;
  before pricing_pricehistory;
  rest record;
  moment timestamptz;
BEGIN
  NEW.decided_by := coalesce(NEW.decided_by, '');
  NEW.approved_by := coalesce(NEW.approved_by, '');
  NEW.reason := coalesce(NEW.reason, '');
  NEW.sku := coalesce(NEW.sku, '');
  IF NEW.basis = 'imported' THEN
    RETURN pricing_check_imported(NEW);
  END IF;
  IF NEW.basis NOT IN ('list', 'floor') THEN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('pricing switch', 0));
  END IF;
  SELECT * INTO o FROM catalogue_offer WHERE variant_id = NEW.variant_id FOR UPDATE;
  IF NOT FOUND THEN
    PERFORM pricing_refuse('price_of_what_is_sold', 'this variant is not sold');
  END IF;
  SELECT * INTO STRICT v FROM catalogue_variant WHERE id = NEW.variant_id;
  SELECT * INTO before FROM pricing_pricehistory
  WHERE variant_id = NEW.variant_id AND upper_inf(period);
  moment := greatest(pricing_now(), lower(before.period) + interval '1 microsecond');
  IF NEW.period IS NOT NULL THEN
    PERFORM pricing_refuse('price_from_now_on', 'a price is in force from now on: give no period');
  END IF;
  NEW.sku := v.sku;
  NEW.list_price := v.list_price;
  NEW.cost := v.cost;
  NEW.currency := coalesce(nullif(NEW.currency, ''), v.currency);
  IF NEW.currency <> v.currency THEN
    PERFORM pricing_refuse('price_currency', 'a price is in the currency of its list price');
  END IF;
  IF NEW.basis IN ('list', 'floor') THEN
    SELECT * INTO rest FROM pricing_rest_of(v, before, NEW.cause);
    IF NEW.amount IS NOT NULL AND NEW.amount IS DISTINCT FROM rest.amount THEN
      PERFORM pricing_refuse('price_at_rest', format(
        'list price or floor can only be %s here', coalesce(rest.amount::text, 'what they are')));
    END IF;
    IF rest.amount IS NULL THEN
      RETURN NULL;
    END IF;
    NEW.amount := rest.amount; NEW.basis := rest.basis; NEW.cause := rest.why;
    NEW.rule_id := rest.rule_id; NEW.floor := rest.floor;
  ELSE
    PERFORM pricing_check_decided(NEW, v, before, moment);
    SELECT pricing_floor(v.cost, r.margin_floor, v.currency) INTO NEW.floor
    FROM pricing_pricingrule AS r WHERE r.id = NEW.rule_id;
  END IF;
  NEW := pricing_with_prior_price(NEW, before, v.product_id, moment);
  UPDATE pricing_pricehistory SET period = tstzrange(lower(period), moment) WHERE id = before.id;
  NEW.period := tstzrange(moment, NULL);
  NEW.price_version := o.price_version + CASE WHEN NEW.cause = 'initial' THEN 0 ELSE 1 END;
  RETURN NEW;
END
$$
"""

# What was charged before this shop's own record began: closed, past, and never under a claim.
CHECK_IMPORTED = """
CREATE FUNCTION pricing_check_imported(fresh pricing_pricehistory) RETURNS pricing_pricehistory
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM catalogue_offer WHERE variant_id = fresh.variant_id FOR UPDATE;
  IF fresh.period IS NULL OR upper_inf(fresh.period) OR upper(fresh.period) > pricing_now() THEN
    PERFORM pricing_refuse('price_recorded_elsewhere', 'a recorded price must be over');
  END IF;
  IF EXISTS (
    SELECT FROM pricing_pricehistory AS h
    WHERE h.variant_id = fresh.variant_id AND h.basis <> 'imported'
      AND (lower(h.period) < upper(fresh.period) OR h.reduced_since IS NOT NULL)
  ) THEN
    PERFORM pricing_refuse('price_recorded_elsewhere',
      'prices were recorded here by then, or reduced since');
  END IF;
  fresh.list_price := coalesce(fresh.list_price, fresh.amount);
  fresh.rule_id := NULL; fresh.proposal_id := NULL; fresh.floor := NULL; fresh.prior_price := NULL;
  fresh.reduced_since := NULL; fresh.discount := NULL; fresh.price_version := 0;
  RETURN fresh;
END
$$
"""

# A price that somebody decided on: the rule version that it cites, and its guardrails.
CHECK_DECIDED = """
CREATE FUNCTION pricing_check_decided(
  fresh pricing_pricehistory, v catalogue_variant, before pricing_pricehistory, moment timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  r pricing_pricingrule;
BEGIN
  SELECT * INTO r FROM pricing_pricingrule WHERE id = fresh.rule_id;
  IF NOT FOUND OR NOT pricing_covers(r, v.product_id) OR r.currency <> v.currency
    OR (r.retired_at IS NOT NULL AND fresh.basis <> 'restored')
    OR (fresh.basis IN ('campaign', 'restored')) <> (r.decider = 'campaign')
    OR (fresh.basis IN ('rules', 'model') AND fresh.basis <> r.decider) THEN
    PERFORM pricing_refuse('price_cites_a_rule', 'no rule in force lets this price be set so');
  ELSIF pricing_is_killed(v.product_id) THEN
    PERFORM pricing_refuse('price_switched_off', 'the kill switch is engaged');
  ELSIF pricing_is_frozen(v.product_id, moment) AND fresh.basis <> 'restored' THEN
    PERFORM pricing_refuse('price_frozen', 'the product is frozen');
  ELSIF fresh.basis IN ('rules', 'model') AND fresh.approved_by = '' AND r.cool_down_minutes > 0
    AND before.basis IN ('rules', 'model')
    AND lower(before.period) > moment - make_interval(mins => r.cool_down_minutes) THEN
    PERFORM pricing_refuse('price_cools_down', 'the last price was set too recently');
  ELSIF fresh.amount * 10::numeric ^ pricing_exponent(v.currency) % 1 <> 0 THEN
    PERFORM pricing_refuse('price_in_minor_units', 'not a whole number of minor units');
  ELSIF fresh.amount < v.list_price AND v.cost IS NULL AND fresh.approved_by = '' THEN
    PERFORM pricing_refuse('price_without_cost',
      'without a cost only a person may go below list price');
  ELSIF fresh.amount < pricing_floor(v.cost, r.margin_floor, v.currency) THEN
    PERFORM pricing_refuse('price_over_floor', 'below cost and margin floor');
  END IF;
  PERFORM pricing_check_bounds(fresh.variant_id, fresh.amount, r, v, moment);
END
$$
"""

# The order of the guardrails: minimum and maximum overrule the largest changes.
CHECK_BOUNDS = """
CREATE FUNCTION pricing_check_bounds(
  variant bigint, amount numeric, r pricing_pricingrule, v catalogue_variant, moment timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  low numeric := greatest(r.min_price, r.min_list_ratio * v.list_price);
  high numeric := least(r.max_price, r.max_list_ratio * v.list_price);
  per_interval numeric;
  per_day numeric;
  least_change numeric;
  most_change numeric;
BEGIN
  IF amount > high OR (amount < low AND (high IS NULL OR low <= high)) THEN
    PERFORM pricing_refuse('price_within_bounds', format(
      '%s lies outside minimum and maximum (%s, %s)', amount, low, high));
  END IF;
  IF r.max_change_interval IS NOT NULL THEN
    per_interval := pricing_reference(
      variant, v.currency, moment - make_interval(mins => r.interval_minutes));
  END IF;
  IF r.max_change_day IS NOT NULL THEN
    per_day := pricing_reference(variant, v.currency, moment - interval '24 hours');
  END IF;
  least_change := least(high, greatest(low, greatest(
    per_interval * (1 - r.max_change_interval), per_day * (1 - r.max_change_day))));
  most_change := least(high, greatest(low, least(
    per_interval * (1 + r.max_change_interval), per_day * (1 + r.max_change_day))));
  IF (amount < least_change AND (per_interval IS NOT NULL OR per_day IS NOT NULL))
    OR (amount > most_change AND (per_interval IS NOT NULL OR per_day IS NOT NULL)) THEN
    PERFORM pricing_refuse('price_within_largest_change', format(
      '%s lies outside the largest change (%s, %s)', amount, least_change, most_change));
  END IF;
END
$$
"""

# Directive 98/6/EC, Article 6a: the lowest price of the days before the reduction began. A writer may
# leave prior price and discount to us, or claim no more than that.
PRIOR_PRICE = """
CREATE FUNCTION pricing_with_prior_price(
  fresh pricing_pricehistory, before pricing_pricehistory, product bigint, moment timestamptz
) RETURNS pricing_pricehistory LANGUAGE plpgsql AS $$
DECLARE
  policy record;
  first timestamptz;
  since timestamptz;
  prior numeric;
  began timestamptz;
  claim integer;
BEGIN
  IF before.id IS NOT NULL AND before.currency = fresh.currency AND fresh.amount <= before.amount THEN
    SELECT * INTO policy FROM pricing_prior_price_policy(product);
    IF fresh.amount = before.amount OR (policy.is_progressive AND before.reduced_since IS NOT NULL) THEN
      prior := before.prior_price; began := before.reduced_since;
    END IF;
    IF fresh.amount < before.amount AND began IS NULL THEN
      began := moment;
      since := (moment AT TIME ZONE policy.time_zone - make_interval(days => policy.days))
        AT TIME ZONE policy.time_zone;
      IF policy.new_product_days > 0 THEN
        SELECT min(lower(period)) INTO first FROM pricing_pricehistory
        WHERE variant_id = fresh.variant_id;
      END IF;
      IF policy.is_perishable THEN
        prior := before.amount;
      ELSIF policy.new_product_days = 0
        OR first + make_interval(days => policy.new_product_days) <= moment THEN
        SELECT min(h.amount) INTO prior FROM pricing_pricehistory AS h
        WHERE h.variant_id = fresh.variant_id AND h.currency = fresh.currency
          AND coalesce(upper(h.period), moment) > since;
      END IF;
    END IF;
  END IF;
  IF prior > fresh.amount THEN
    claim := nullif(floor((prior - fresh.amount) * 100 / prior)::integer, 0);
  END IF;
  IF fresh.prior_price IS DISTINCT FROM prior AND fresh.prior_price IS NOT NULL
    OR fresh.discount > coalesce(claim, 0) THEN
    PERFORM pricing_refuse('discount_from_prior_price', format(
      'the prior price is %s: at most %s per cent may be claimed',
      coalesce(prior::text, 'none'), coalesce(claim, 0)));
  END IF;
  fresh.prior_price := prior; fresh.reduced_since := began;
  fresh.discount := coalesce(fresh.discount, claim);
  RETURN fresh;
END
$$
"""

POLICY = """
CREATE FUNCTION pricing_prior_price_policy(product bigint, OUT days integer, OUT time_zone text,
  OUT is_progressive boolean, OUT new_product_days integer, OUT is_perishable boolean
) LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF EXISTS (SELECT FROM pricing_priorpricepolicy) THEN
    SELECT p.days, p.time_zone, p.is_progressive, p.new_product_days, p.is_perishable
    INTO days, time_zone, is_progressive, new_product_days, is_perishable
    FROM pricing_priorpricepolicy AS p LEFT JOIN catalogue_category AS c ON c.id = p.category_id
    WHERE (p.product_id IS NULL AND p.category_id IS NULL) OR p.product_id = product
      OR pricing_in_category(product, p.category_id)
    ORDER BY p.product_id IS NULL, cardinality(c.path) DESC NULLS LAST LIMIT 1;
  END IF;
  IF days IS NULL THEN
    days := 30; time_zone := 'UTC'; is_progressive := true; new_product_days := 0;
    is_perishable := false;
  END IF;
END
$$
"""

# Once for a statement: what hangs on offers, such as the catalogue's version, is then done once, too.
# A plan is kept for the session, whatever the next statement's size: by index it suits all of them.
WRITE_OFFERS = """
CREATE FUNCTION pricing_write_offers() RETURNS trigger LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
  UPDATE catalogue_offer AS o SET amount = h.amount, currency = h.currency,
    prior_price = h.prior_price, discount = h.discount,
    price_version = h.price_version, updated_at = lower(h.period)
  FROM fresh JOIN pricing_pricehistory AS h ON h.id = fresh.id
  WHERE o.variant_id = h.variant_id AND h.basis <> 'imported' AND upper_inf(h.period)
    AND (h.cause <> 'initial' OR o.amount <> h.amount
      OR o.prior_price IS NOT NULL OR o.discount IS NOT NULL);
  RETURN NULL;
END
$$
"""

# Only our own triggers close a row, together with what comes after it.
KEEP_HISTORY = """
CREATE FUNCTION pricing_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND pg_trigger_depth() > 1 AND upper_inf(OLD.period)
    AND NOT upper_inf(NEW.period) AND lower(NEW.period) = lower(OLD.period) THEN
    OLD.period := NEW.period;
    IF OLD IS NOT DISTINCT FROM NEW THEN
      RETURN NEW;
    END IF;
  END IF;
  PERFORM pricing_refuse('price_history_append_only', 'the history of prices is append-only');
END
$$
"""

NEW_OFFERS = """
CREATE FUNCTION pricing_note_new_offers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM made JOIN catalogue_variant AS v ON v.id = made.variant_id
    WHERE (made.amount, made.currency) IS DISTINCT FROM (v.list_price, v.currency)
  ) THEN
    PERFORM pricing_refuse('offer_is_price_in_force', 'a new offer stands at list price');
  END IF;
  INSERT INTO pricing_pricehistory (variant_id, basis, cause)
  SELECT variant_id, 'list', 'initial' FROM made ORDER BY variant_id;
  RETURN NULL;
END
$$
"""

GONE_OFFERS = """
CREATE FUNCTION pricing_note_gone_offers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE pricing_pricehistory AS h
  SET period = tstzrange(lower(h.period),
    greatest(pricing_now(), lower(h.period) + interval '1 microsecond'))
  FROM gone WHERE h.variant_id = gone.variant_id AND upper_inf(h.period);
  RETURN NULL;
END
$$
"""

SAME_OFFERS = """
CREATE FUNCTION pricing_check_offers() RETURNS trigger LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
  IF EXISTS (
    SELECT FROM after AS o WHERE NOT EXISTS (
      SELECT FROM pricing_pricehistory AS h
      WHERE h.variant_id = o.variant_id AND upper_inf(h.period)
        AND (h.amount, h.currency, h.price_version) = (o.amount, o.currency, o.price_version)
        AND (h.prior_price, h.discount) IS NOT DISTINCT FROM (o.prior_price, o.discount)
    )
  ) THEN
    PERFORM pricing_refuse('offer_is_price_in_force', 'a price changes through its history alone');
  END IF;
  RETURN NULL;
END
$$
"""

# Emptying tables as a whole is for tests, and only both at once.
BOTH_EMPTY = """
CREATE FUNCTION pricing_check_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM catalogue_offer)
    OR EXISTS (SELECT FROM pricing_pricehistory WHERE upper_inf(period)) THEN
    PERFORM pricing_refuse('price_history_append_only', 'the history of prices is append-only');
  END IF;
  RETURN NULL;
END
$$
"""

# At once, for whoever reads on in this transaction; and once more at its end, with the offer locked:
# a price that was decided meanwhile knew nothing of a cost that was not committed.
SETTLE = """
CREATE FUNCTION pricing_settle_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO pricing_pricehistory (variant_id, basis, cause)
  SELECT n.id, 'list', 'settle'
  FROM after AS n JOIN before AS o ON o.id = n.id
  WHERE (n.list_price, n.currency, n.cost) IS DISTINCT FROM (o.list_price, o.currency, o.cost)
    AND EXISTS (SELECT FROM catalogue_offer AS f WHERE f.variant_id = n.id)
    AND EXISTS (SELECT FROM pricing_resting_price(n.id, 'settle'))
  ORDER BY n.id;
  RETURN NULL;
END
$$
"""
SETTLE_LAST = """
CREATE FUNCTION pricing_settle_at_last() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM catalogue_offer WHERE variant_id = NEW.id FOR UPDATE;
  IF FOUND THEN
    INSERT INTO pricing_pricehistory (variant_id, basis, cause)
    SELECT NEW.id, 'list', 'settle'
    WHERE EXISTS (SELECT FROM pricing_resting_price(NEW.id, 'settle'));
  END IF;
  RETURN NULL;
END
$$
"""

KEEP_RULES = """
CREATE FUNCTION pricing_keep_rules() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.retired_at IS NULL AND NEW.retired_at IS NOT NULL THEN
    OLD.retired_at := NEW.retired_at;
    IF OLD IS NOT DISTINCT FROM NEW THEN
      RETURN NEW;
    END IF;
  END IF;
  PERFORM pricing_refuse('rule_version_kept', 'a rule is changed by its next version');
END
$$
"""

KEEP_ACTIONS = """
CREATE FUNCTION pricing_keep_actions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pricing_refuse('action_kept', 'the record of actions is append-only');
END
$$
"""

FUNCTIONS = {
    "pricing_prior_price_policy": POLICY,
    "pricing_check_bounds": CHECK_BOUNDS,
    "pricing_check_decided": CHECK_DECIDED,
    "pricing_check_imported": CHECK_IMPORTED,
    "pricing_with_prior_price": PRIOR_PRICE,
    "pricing_check_price": CHECK_PRICE,
    "pricing_write_offers": WRITE_OFFERS,
    "pricing_keep_history": KEEP_HISTORY,
    "pricing_note_new_offers": NEW_OFFERS,
    "pricing_note_gone_offers": GONE_OFFERS,
    "pricing_check_offers": SAME_OFFERS,
    "pricing_check_emptied": BOTH_EMPTY,
    "pricing_settle_changed": SETTLE,
    "pricing_settle_at_last": SETTLE_LAST,
    "pricing_keep_rules": KEEP_RULES,
    "pricing_keep_actions": KEEP_ACTIONS,
}

TRIGGERS = [
    ("pricing_pricehistory", "price_checked", "BEFORE INSERT", "FOR EACH ROW", "check_price"),
    ("pricing_pricehistory", "price_offered", "AFTER INSERT",
     "REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT", "write_offers"),
    ("pricing_pricehistory", "price_kept", "BEFORE UPDATE OR DELETE", "FOR EACH ROW", "keep_history"),
    ("pricing_pricehistory", "price_emptied", "AFTER TRUNCATE", "FOR EACH STATEMENT", "check_emptied"),
    ("catalogue_offer", "price_emptied", "AFTER TRUNCATE", "FOR EACH STATEMENT", "check_emptied"),
    ("catalogue_offer", "price_noted", "AFTER INSERT",
     "REFERENCING NEW TABLE AS made FOR EACH STATEMENT", "note_new_offers"),
    ("catalogue_offer", "price_ended", "AFTER DELETE",
     "REFERENCING OLD TABLE AS gone FOR EACH STATEMENT", "note_gone_offers"),
    ("catalogue_offer", "price_agrees", "AFTER UPDATE",
     "REFERENCING NEW TABLE AS after FOR EACH STATEMENT", "check_offers"),
    ("catalogue_variant", "price_settled", "AFTER UPDATE",
     "REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT", "settle_changed"),
    ("pricing_pricingrule", "rule_kept", "BEFORE UPDATE", "FOR EACH ROW", "keep_rules"),
    ("pricing_pricingaction", "action_kept", "BEFORE UPDATE OR DELETE", "FOR EACH ROW", "keep_actions"),
]  # fmt: skip
SETTLED_AT_LAST = """
CREATE CONSTRAINT TRIGGER price_settled_at_last
AFTER UPDATE OF list_price, currency, cost ON catalogue_variant
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
WHEN ((OLD.list_price, OLD.currency, OLD.cost)
  IS DISTINCT FROM (NEW.list_price, NEW.currency, NEW.cost))
EXECUTE FUNCTION pricing_settle_at_last()
"""

# Offers from before there was a history: their prices begin now, at list price.
ADOPT_OFFERS = """
INSERT INTO pricing_pricehistory (variant_id, basis, cause)
SELECT variant_id, 'list', 'initial' FROM catalogue_offer ORDER BY variant_id
"""


class Migration(migrations.Migration):
    dependencies = [("pricing", "0002_one_door_for_prices")]

    operations = [
        *(migrations.RunSQL(sql, f"DROP FUNCTION {name}") for name, sql in FUNCTIONS.items()),
        *(
            migrations.RunSQL(
                f"CREATE TRIGGER {name} {when} ON {table} {scope} "
                f"EXECUTE FUNCTION pricing_{function}()",
                f"DROP TRIGGER {name} ON {table}",
            )
            for table, name, when, scope, function in TRIGGERS
        ),
        migrations.RunSQL(
            SETTLED_AT_LAST, "DROP TRIGGER price_settled_at_last ON catalogue_variant"
        ),
        migrations.RunSQL(ADOPT_OFFERS, migrations.RunSQL.noop),
    ]
