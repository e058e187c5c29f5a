"""The one statement that stores a batch of events, and all that follows from it."""

# Every row that another batch may also insert is inserted in one order, so that batches wait for
# each other but never in a circle. A customer whom a concurrent batch is creating is invisible to
# this statement's snapshot: the conflicting insert waits for it and, by updating, returns its key.
STORE_EVENTS = """
WITH incoming AS MATERIALIZED (
  SELECT position, event_id COLLATE "C" AS event_id, type, occurred_at, product_id AS product, sku,
    visitor_id, customer_id AS customer, session_id, order_id, quantity, unit_price, currency,
    request_id, query, claimed_at
  FROM json_to_recordset(%(lines)s::json) AS line (
    position int, event_id text, type text, occurred_at timestamptz, product_id text, sku text,
    visitor_id uuid, customer_id text, session_id text, order_id text, quantity int,
    unit_price numeric, currency text, request_id text, query text,
    claimed_at timestamptz
  )
), matched AS (
  SELECT i.*, coalesce(p.id, v.product_id) AS product_id, v.id AS variant_id,
    CASE
      WHEN i.product IS NOT NULL AND p.id IS NULL THEN 'unknown_product'
      WHEN i.sku IS NULL THEN NULL
      WHEN v.id IS NULL AND i.product IS NULL THEN 'unknown_product'
      WHEN v.id IS NULL THEN 'unknown_sku'
      WHEN p.id <> v.product_id THEN 'sku_of_another_product'
    END AS code
  FROM incoming AS i
  LEFT JOIN catalogue_product AS p ON p.public_id = i.product
  LEFT JOIN catalogue_variant AS v ON v.sku = i.sku
), resolved AS MATERIALIZED (
  -- A boolean, for the planner takes half of the rows to have it, but nearly none to lack a code.
  SELECT *, code IS NULL AS fits FROM matched
), chosen AS MATERIALIZED (
  SELECT DISTINCT ON (event_id) *
  FROM resolved WHERE fits ORDER BY event_id, position
), known_customer AS MATERIALIZED (
  SELECT c.id, c.public_id FROM customers_customer AS c
  WHERE c.public_id IN (SELECT customer FROM chosen)
), created_customer AS (
  INSERT INTO customers_customer (public_id, created_at)
  SELECT DISTINCT customer, statement_timestamp() FROM chosen
  WHERE customer IS NOT NULL AND customer NOT IN (SELECT public_id FROM known_customer)
  ORDER BY customer
  ON CONFLICT (public_id) DO UPDATE SET public_id = EXCLUDED.public_id
  RETURNING id, public_id
), customer AS MATERIALIZED (
  SELECT * FROM known_customer UNION ALL SELECT * FROM created_customer
), created_visitor AS (
  INSERT INTO customers_visitor (id, created_at)
  SELECT DISTINCT visitor_id, statement_timestamp() FROM chosen
  WHERE visitor_id IS NOT NULL
    AND NOT EXISTS (SELECT FROM customers_visitor AS known WHERE known.id = chosen.visitor_id)
  ORDER BY visitor_id
  ON CONFLICT DO NOTHING
), keyed AS (
  INSERT INTO events_eventkey (event_id, occurred_at)
  SELECT event_id, occurred_at FROM chosen ORDER BY event_id
  ON CONFLICT DO NOTHING
  RETURNING event_id
), stored AS MATERIALIZED (
  SELECT chosen.*, customer.id AS customer_id
  FROM keyed
  JOIN chosen USING (event_id)
  LEFT JOIN customer ON customer.public_id = chosen.customer
), logged AS (
  INSERT INTO events_event (
    type, visitor_id, customer_id, session_id, product_id, variant_id, order_id, quantity,
    unit_price, currency, request_id, query, event_id, occurred_at, received_at,
    claimed_at
  )
  SELECT type, visitor_id, customer_id, session_id, product_id, variant_id, order_id, quantity,
    unit_price, CASE WHEN unit_price IS NULL THEN currency ELSE coalesce(currency, %(store)s) END,
    request_id, query, event_id, occurred_at, statement_timestamp(), claimed_at
  FROM stored
), due AS MATERIALIZED (
  SELECT DISTINCT coalesce(s.customer_id, link.customer_id) AS customer_id,
    CASE WHEN coalesce(s.customer_id, link.customer_id) IS NULL THEN s.visitor_id END AS visitor_id
  FROM stored AS s
  LEFT JOIN customers_identitylink AS link
    ON link.visitor_id = s.visitor_id AND link.unlinked_at IS NULL AND s.customer_id IS NULL
  WHERE s.type = ANY(%(refreshing)s)
), due_customer AS (
  INSERT INTO events_refreshrequest (customer_id, requested_at)
  SELECT customer_id, clock_timestamp() FROM due WHERE customer_id IS NOT NULL ORDER BY customer_id
  ON CONFLICT (customer_id) DO UPDATE SET requested_at = EXCLUDED.requested_at
), due_visitor AS (
  INSERT INTO events_refreshrequest (visitor_id, requested_at)
  SELECT visitor_id, clock_timestamp() FROM due WHERE visitor_id IS NOT NULL ORDER BY visitor_id
  ON CONFLICT (visitor_id) DO UPDATE SET requested_at = EXCLUDED.requested_at
), seen AS MATERIALIZED (
  SELECT r.position FROM resolved AS r
  JOIN events_eventkey AS k ON k.event_id = r.event_id
  WHERE NOT r.fits
), unmatched AS (
  SELECT r.*, jsonb_strip_nulls(jsonb_build_object(
    'event_id', r.event_id, 'type', r.type, 'occurred_at', r.occurred_at,
    'product_id', r.product, 'sku', r.sku, 'visitor_id', r.visitor_id, 'customer_id', r.customer,
    'session_id', r.session_id, 'order_id', r.order_id, 'quantity', r.quantity,
    'unit_price', r.unit_price::text, 'currency', r.currency, 'request_id', r.request_id,
    'query', r.query, 'claimed_at', r.claimed_at
  )) AS payload
  FROM resolved AS r
  WHERE NOT r.fits AND r.position NOT IN (SELECT position FROM seen)
), refused AS (
  INSERT INTO events_rejectedevent (
    fingerprint, event_id, payload, code, pointer, detail, product_public_id, visitor_id,
    customer_public_id, received_at
  )
  SELECT *, statement_timestamp() FROM (
    SELECT
      substr(sha256(convert_to(u.code || u.payload::text, 'UTF8'))::text, 3, 32)::uuid
        AS fingerprint,
      u.event_id, u.payload, u.code,
      CASE WHEN u.code = 'unknown_product' AND u.product IS NOT NULL THEN '/product_id'
        ELSE '/sku' END,
      reason.detail, u.product, u.visitor_id, u.customer
    FROM unmatched AS u
    JOIN unnest(%(codes)s::text[], %(details)s::text[]) AS reason (code, detail) USING (code)
    UNION ALL
    SELECT fingerprint, event_id, payload::jsonb, code, pointer, detail, product_public_id,
      visitor_id, customer_public_id
    FROM json_to_recordset(%(flaws)s::json) AS flaw (
      fingerprint uuid, event_id text, payload text, code text, pointer text, detail text,
      product_public_id text, visitor_id uuid, customer_public_id text
    )
  ) AS row
  ORDER BY fingerprint
  ON CONFLICT (fingerprint) DO NOTHING
)
-- What is not named here was stored: for most batches, nothing is.
SELECT r.position,
  CASE WHEN r.fits OR r.position IN (SELECT position FROM seen) THEN 'duplicate' ELSE r.code END,
  NULL::bigint, NULL::uuid
FROM resolved AS r
WHERE NOT EXISTS (SELECT FROM stored AS s WHERE s.position = r.position)
UNION ALL
SELECT NULL, NULL, customer_id, visitor_id FROM due
"""
