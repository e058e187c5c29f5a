"""Prices change through one door, rows of the history; the database holds what is true of them.

What a trigger refuses is an integrity error (SQLSTATE 23514) with the name of the rule that was
broken as its constraint. Locks are taken in one order: the shared lock of the kill switch, then
offers. A variant's prices are serialised by its offer's row.
"""

from django.db import migrations

from api.rest.currencies import EXPONENTS

_BY_EXPONENT = " ".join(
    f"WHEN currency IN ({', '.join(repr(c) for c in sorted(EXPONENTS) if EXPONENTS[c] == e)}) THEN {e}"
    for e in sorted(set(EXPONENTS.values()))
)

REFUSE = """
CREATE FUNCTION pricing_refuse(what text, why text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%', why USING ERRCODE = 'check_violation', CONSTRAINT = what;
END
$$
"""

# One clock for all, which a test can turn.
NOW = """
CREATE FUNCTION pricing_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS $$
  SELECT clock_timestamp()
$$
"""

EXPONENT = f"""
CREATE FUNCTION pricing_exponent(currency text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE {_BY_EXPONENT} ELSE 2 END
$$
"""

# Rounded up to the currency's unit; null without a cost or a margin.
FLOOR = """
CREATE FUNCTION pricing_floor(cost numeric, margin numeric, currency text) RETURNS numeric
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT ceil(cost * (1 + margin) * 10::numeric ^ pricing_exponent(currency))
    / 10::numeric ^ pricing_exponent(currency)
$$
"""

COVERS = """
CREATE FUNCTION pricing_covers(rule pricing_pricingrule, product bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT CASE rule.scope
    WHEN 'all' THEN true
    WHEN 'product' THEN rule.product_id = product
    WHEN 'brand' THEN EXISTS (
      SELECT FROM catalogue_product AS p WHERE p.id = product AND p.brand_id = rule.brand_id
    )
    ELSE pricing_in_category(product, rule.category_id)
  END
$$
"""

IN_CATEGORY = """
CREATE FUNCTION pricing_in_category(product bigint, category bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT FROM catalogue_product AS p
    JOIN catalogue_category AS c ON c.id = p.category_id
    JOIN catalogue_category AS above ON above.id = category
    WHERE p.id = product AND c.path[1:cardinality(above.path)] = above.path
  )
$$
"""

# The rule that governs a product's variants: by priority, then the narrowest, then the newest.
RULE_FOR = """
CREATE FUNCTION pricing_rule_for(product bigint, currency text, moment timestamptz) RETURNS bigint
LANGUAGE sql STABLE AS $$
  SELECT r.id FROM pricing_pricingrule AS r
  LEFT JOIN catalogue_category AS c ON c.id = r.category_id
  WHERE r.retired_at IS NULL AND r.decider <> 'campaign' AND r.currency = $2
    AND (r.active_from IS NULL OR r.active_from <= moment)
    AND (r.active_until IS NULL OR r.active_until > moment)
    AND pricing_covers(r, product)
  ORDER BY r.priority DESC,
    array_position(ARRAY['product', 'category', 'brand', 'all'], r.scope::text),
    cardinality(c.path) DESC NULLS LAST, r.id DESC
  LIMIT 1
$$
"""

KILLED = """
CREATE FUNCTION pricing_is_killed(product bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT FROM pricing_pricingswitch AS s
    WHERE s.is_engaged AND (s.category_id IS NULL OR pricing_in_category(product, s.category_id))
  )
$$
"""

FROZEN = """
CREATE FUNCTION pricing_is_frozen(product bigint, moment timestamptz) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT FROM pricing_pricefreeze AS f
    WHERE f.product_id = product AND f.lifted_at IS NULL AND (f.until IS NULL OR f.until > moment)
  )
$$
"""

# The price that a window's largest change is measured from: the one in force when it began, or,
# where list price, the floor or a campaign came in since, that one.
REFERENCE = """
CREATE FUNCTION pricing_reference(variant bigint, currency text, since timestamptz)
RETURNS numeric LANGUAGE sql STABLE AS $$
  SELECT coalesce(
    (SELECT h.amount FROM pricing_pricehistory AS h
     WHERE h.variant_id = variant AND h.currency = $2 AND lower(h.period) > since
       AND h.basis IN ('list', 'floor', 'campaign', 'restored')
     ORDER BY lower(h.period) DESC LIMIT 1),
    (SELECT h.amount FROM pricing_pricehistory AS h
     WHERE h.variant_id = variant AND h.currency = $2 AND lower(h.period) <= since
     ORDER BY lower(h.period) DESC LIMIT 1)
  )
$$
"""

# What a variant's price comes to rest at without any decider: list price, or the floor if that is
# higher. No row: the price in force stays. `cause` is initial, kill_switch, campaign_ended, which goes
# by the rule that governs without the campaign, or settle, which moves a price only where list price,
# currency, cost or the kill switch leave it no choice.
REST_OF = """
CREATE FUNCTION pricing_rest_of(
  v catalogue_variant, h pricing_pricehistory, cause text,
  OUT amount numeric, OUT basis text, OUT why text, OUT rule_id bigint, OUT floor numeric
) RETURNS SETOF record LANGUAGE plpgsql STABLE AS $$
DECLARE
  r pricing_pricingrule;
  rest numeric;
  ends boolean := coalesce(cause = 'campaign_ended' AND h.basis = 'campaign', false);
BEGIN
  IF h.rule_id IS NOT NULL AND h.basis NOT IN ('list', 'floor') AND NOT ends THEN
    rule_id := h.rule_id;
  ELSIF EXISTS (SELECT FROM pricing_pricingrule AS x WHERE x.retired_at IS NULL) THEN
    rule_id := pricing_rule_for(v.product_id, v.currency, pricing_now());
  END IF;
  IF rule_id IS NOT NULL THEN
    SELECT * INTO r FROM pricing_pricingrule AS x WHERE x.id = rule_id AND x.currency = v.currency;
    floor := pricing_floor(v.cost, r.margin_floor, v.currency);
  END IF;
  rest := greatest(v.list_price, floor);
  why := cause;
  IF h.id IS NULL OR cause <> 'settle' THEN
    amount := rest;
  ELSIF pricing_is_killed(v.product_id) THEN
    amount := rest; why := 'kill_switch';
  ELSIF h.currency <> v.currency THEN
    amount := rest; why := 'currency_changed';
  ELSIF h.basis = 'list' THEN
    amount := rest; why := CASE WHEN rest = v.list_price THEN 'list_changed' ELSE 'cost_rose' END;
  ELSIF h.amount < floor THEN
    amount := floor; why := 'cost_rose';
  ELSIF h.basis = 'floor' THEN
    IF h.amount > rest THEN amount := rest; why := 'cost_fell'; END IF;
  ELSIF h.list_price <> v.list_price AND (
    h.amount < greatest(r.min_price, r.min_list_ratio * v.list_price)
    OR h.amount > least(r.max_price, r.max_list_ratio * v.list_price)
  ) THEN
    amount := rest; why := 'list_changed';
  ELSIF v.cost IS NULL AND h.cost IS NOT NULL AND h.approved_by = '' AND h.amount < v.list_price THEN
    amount := rest; why := 'cost_unknown';
  END IF;
  IF amount IS NULL OR (amount = h.amount AND v.currency = h.currency AND NOT ends) THEN
    RETURN;
  END IF;
  basis := CASE WHEN amount = v.list_price THEN 'list' ELSE 'floor' END;
  RETURN NEXT;
END
$$
"""
RESTING = """
CREATE FUNCTION pricing_resting_price(
  variant bigint, cause text,
  OUT amount numeric, OUT basis text, OUT why text, OUT rule_id bigint, OUT floor numeric
) RETURNS SETOF record LANGUAGE plpgsql STABLE AS $$
DECLARE
  v catalogue_variant;
  h pricing_pricehistory;
BEGIN
  SELECT * INTO STRICT v FROM catalogue_variant AS x WHERE x.id = variant;
  SELECT * INTO h FROM pricing_pricehistory AS x WHERE x.variant_id = variant AND upper_inf(x.period);
  RETURN QUERY SELECT * FROM pricing_rest_of(v, h, cause);
END
$$
"""

FUNCTIONS = {
    "pricing_refuse": REFUSE,
    "pricing_now": NOW,
    "pricing_exponent": EXPONENT,
    "pricing_floor": FLOOR,
    "pricing_in_category": IN_CATEGORY,
    "pricing_covers": COVERS,
    "pricing_rule_for": RULE_FOR,
    "pricing_is_killed": KILLED,
    "pricing_is_frozen": FROZEN,
    "pricing_reference": REFERENCE,
    "pricing_rest_of": REST_OF,
    "pricing_resting_price": RESTING,
}


class Migration(migrations.Migration):
    dependencies = [
        ("pricing", "0001_initial"),
        ("catalogue", "0003_prior_price"),
    ]

    operations = [
        migrations.RunSQL(sql, f"DROP FUNCTION {name}") for name, sql in FUNCTIONS.items()
    ]
