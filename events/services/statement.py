"""The one statement that stores a batch of events, and all that follows from it."""

# Every row that another batch may also insert is inserted in one order, so that batches wait for
# each other but never in a circle. A customer whom a concurrent batch is creating is invisible to
# this statement's snapshot: the conflicting insert waits for it and, by updating, returns its key.
STORE_EVENTS = """
WITH incoming AS MATERIALIZED (
  SELECT position, event_id COLLATE "C" AS event_id, type, occurred_at, product_id AS product, sku,
    visitor_id, customer_id AS customer, session_id, order_id, quantity, unit_price, currency,
    request_id, query, claimed_at, restriction
  FROM json_to_recordset(%(lines)s::json) AS line (
    position int, event_id text, type text, occurred_at timestamptz, product_id text, sku text,
    visitor_id uuid, customer_id text, session_id text, order_id text, quantity int,
    unit_price numeric, currency text, request_id text, query text,
    claimed_at timestamptz, restriction text
  )
), flaw AS MATERIALIZED (
  SELECT * FROM json_to_recordset(%(flaws)s::json) AS flaw (
    fingerprint uuid, event_id text, payload text, code text, pointer text, detail text,
    product_public_id text, visitor_id uuid, customer_public_id text
  )
), erased AS MATERIALIZED (
  -- Asked of a function, which sees what was committed until now; see its migration.
  SELECT unnest(customers_erased(
    string_to_array(%(subjects)s, E'\\n'),
    ARRAY(SELECT substring(%(digests)s::bytea FROM 32 * place - 31 FOR 32)
      FROM generate_series(1, octet_length(%(digests)s::bytea) / 32) AS place)
  )) AS subject
), device AS MATERIALIZED (
  SELECT i.visitor_id, known.id IS NOT NULL AS is_known, known.analytics, known.personalisation,
    coalesce(known.is_bot, false) AS is_bot, link.customer_id AS linked_id
  FROM (
    SELECT visitor_id FROM incoming WHERE visitor_id IS NOT NULL
    UNION SELECT visitor_id FROM flaw WHERE visitor_id IS NOT NULL
  ) AS i
  LEFT JOIN customers_visitor AS known ON known.id = i.visitor_id
  LEFT JOIN customers_identitylink AS link ON link.visitor_id = i.visitor_id
    AND link.ended_at IS NULL AND link.undone_at IS NULL
), account AS MATERIALIZED (
  SELECT id, public_id, coalesce(root_id, id) AS person_id, allows_analytics,
    allows_personalisation, is_bot
  FROM customers_customer
  WHERE public_id IN (SELECT customer FROM incoming UNION SELECT customer_public_id FROM flaw)
  UNION
  SELECT id, public_id, coalesce(root_id, id), allows_analytics, allows_personalisation, is_bot
  FROM customers_customer WHERE id IN (SELECT linked_id FROM device)
), matched AS (
  SELECT i.*, coalesce(p.id, v.product_id) AS product_id, v.id AS variant_id,
    named.id AS account_id, coalesce(named.person_id, linked.person_id) AS person_id,
    coalesce(device.is_known, true) AS is_device_known,
    -- Whether they refuse to be recorded: then only what the shop sells them is.
    NOT (
      coalesce(device.analytics, %(unasked)s OR i.customer IS NOT NULL OR linked.id IS NOT NULL)
      AND coalesce(named.allows_analytics, linked.allows_analytics, true)
    ) AS is_refused,
    i.restriction IS NULL AND NOT coalesce(device.is_bot, false)
      AND NOT coalesce(named.is_bot, linked.is_bot, false)
      AND coalesce(
        device.personalisation, %(unasked)s OR i.customer IS NOT NULL OR linked.id IS NOT NULL
      ) AND coalesce(named.allows_personalisation, linked.allows_personalisation, true)
      AS is_personal,
    CASE
      WHEN i.product IS NOT NULL AND p.id IS NULL THEN 'unknown_product'
      WHEN i.sku IS NULL THEN NULL
      WHEN v.id IS NULL AND i.product IS NULL THEN 'unknown_product'
      WHEN v.id IS NULL THEN 'unknown_sku'
      WHEN p.id <> v.product_id THEN 'sku_of_another_product'
    END AS product_code
  FROM incoming AS i
  LEFT JOIN device ON device.visitor_id = i.visitor_id
  LEFT JOIN account AS named ON named.public_id = i.customer
  LEFT JOIN account AS linked ON linked.id = device.linked_id AND i.customer IS NULL
  LEFT JOIN catalogue_product AS p ON p.public_id = i.product
  LEFT JOIN catalogue_variant AS v ON v.sku = i.sku
), judged AS (
  SELECT *, CASE
      WHEN 'visitor:' || visitor_id IN (SELECT subject FROM erased)
        OR 'customer:' || customer IN (SELECT subject FROM erased) THEN 'erased'
      WHEN is_refused AND type NOT IN ('purchase', 'return') THEN 'consent_refused'
      ELSE product_code
    END AS code
  FROM matched
), resolved AS MATERIALIZED (
  -- A boolean, for the planner takes half of the rows to have it, but nearly none to lack a code.
  SELECT *, code IS NULL AS fits FROM judged
), chosen AS MATERIALIZED (
  SELECT DISTINCT ON (event_id) *
  FROM resolved WHERE fits ORDER BY event_id, position
), created_customer AS (
  INSERT INTO customers_customer (public_id, created_at)
  SELECT DISTINCT customer, statement_timestamp() FROM chosen
  WHERE customer IS NOT NULL AND account_id IS NULL
  ORDER BY customer
  ON CONFLICT (public_id) DO UPDATE SET public_id = EXCLUDED.public_id
  RETURNING id, public_id
), created_visitor AS (
  INSERT INTO customers_visitor (id, created_at)
  SELECT DISTINCT visitor_id, statement_timestamp() FROM chosen
  WHERE visitor_id IS NOT NULL AND NOT is_device_known
  ORDER BY visitor_id
  ON CONFLICT DO NOTHING
), keyed AS (
  INSERT INTO events_eventkey (event_id, occurred_at)
  SELECT event_id, occurred_at FROM chosen ORDER BY event_id
  ON CONFLICT DO NOTHING
  RETURNING event_id
), stored AS MATERIALIZED (
  SELECT chosen.*, coalesce(chosen.account_id, created.id) AS customer_id
  FROM keyed
  JOIN chosen USING (event_id)
  LEFT JOIN created_customer AS created ON created.public_id = chosen.customer
), logged AS (
  INSERT INTO events_event (
    type, visitor_id, customer_id, session_id, product_id, variant_id, order_id, quantity,
    unit_price, currency, request_id, query, event_id, occurred_at, received_at,
    claimed_at, restriction
  )
  SELECT type, visitor_id, customer_id, CASE WHEN NOT is_refused THEN session_id END, product_id,
    variant_id, order_id, quantity,
    unit_price, CASE WHEN unit_price IS NULL THEN currency ELSE coalesce(currency, %(store)s) END,
    CASE WHEN NOT is_refused THEN request_id END, query, event_id, occurred_at,
    statement_timestamp(), claimed_at, restriction
  FROM stored
), due AS MATERIALIZED (
  SELECT DISTINCT coalesce(person_id, customer_id) AS customer_id,
    CASE WHEN coalesce(person_id, customer_id) IS NULL THEN visitor_id END AS visitor_id
  FROM stored WHERE type = ANY(%(refreshing)s) AND is_personal
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
    'query', r.query, 'claimed_at', r.claimed_at, 'restriction', r.restriction
  )) AS payload
  FROM resolved AS r
  WHERE NOT r.fits AND r.position NOT IN (SELECT position FROM seen)
    AND r.code = ANY(%(codes)s::text[])
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
    SELECT flaw.fingerprint, flaw.event_id, flaw.payload::jsonb, flaw.code, flaw.pointer,
      flaw.detail, flaw.product_public_id, flaw.visitor_id, flaw.customer_public_id
    FROM flaw
    LEFT JOIN device ON device.visitor_id = flaw.visitor_id
    LEFT JOIN account AS named ON named.public_id = flaw.customer_public_id
    LEFT JOIN account AS linked ON linked.id = device.linked_id AND flaw.customer_public_id IS NULL
    WHERE coalesce(
        device.analytics,
        %(unasked)s OR flaw.customer_public_id IS NOT NULL OR linked.id IS NOT NULL
      ) AND coalesce(named.allows_analytics, linked.allows_analytics, true)
      AND NOT EXISTS (
        SELECT FROM erased WHERE subject = 'visitor:' || flaw.visitor_id
          OR subject = 'customer:' || flaw.customer_public_id
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
