"""The statements that store a chunk of an import, each for all of its lines at once.

They run in this order within one transaction. Offers follow list prices, currencies and costs by
pricing's triggers on variants.
"""

STAGE = """
CREATE TEMP TABLE IF NOT EXISTS staged_product (
  public_id text PRIMARY KEY, present text[], title text, description text, brand_id bigint,
  category_id bigint, image_url text, popularity float8, published boolean,
  created_at timestamptz, attributes jsonb
) ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS staged_variant (
  sku text PRIMARY KEY, public_id text, position integer, list_price numeric, currency text,
  present text[], cost numeric, stock integer, attributes jsonb
) ON COMMIT DROP;
TRUNCATE staged_product, staged_variant
"""

COPY_PRODUCTS = """
COPY staged_product (
  public_id, present, title, description, brand_id, category_id, image_url, popularity, published,
  created_at, attributes
) FROM STDIN
"""
COPY_VARIANTS = """
COPY staged_variant (
  sku, public_id, position, list_price, currency, present, cost, stock, attributes
) FROM STDIN
"""

ANALYSE_STAGE = "ANALYZE staged_product, staged_variant"

# Answers (id, whether its text or publication changed).
UPDATE_PRODUCTS = """
WITH wanted AS (
  SELECT p.id,
    CASE WHEN 'title' = ANY(s.present) THEN s.title ELSE p.title END AS title,
    CASE WHEN 'description' = ANY(s.present) THEN s.description ELSE p.description END
      AS description,
    CASE WHEN 'brand' = ANY(s.present) THEN s.brand_id ELSE p.brand_id END AS brand_id,
    CASE WHEN 'category_path' = ANY(s.present) THEN s.category_id ELSE p.category_id END
      AS category_id,
    CASE WHEN 'image_url' = ANY(s.present) THEN s.image_url ELSE p.image_url END AS image_url,
    CASE WHEN 'popularity' = ANY(s.present) THEN s.popularity ELSE p.popularity END AS popularity,
    CASE WHEN 'published' = ANY(s.present) THEN s.published ELSE p.published END AS published,
    CASE WHEN 'created_at' = ANY(s.present) THEN s.created_at ELSE p.created_at END AS created_at,
    CASE WHEN 'attributes' = ANY(s.present) THEN s.attributes ELSE p.attributes END AS attributes,
    ROW(p.title::text, p.description, p.brand_id, p.category_id, p.published, p.attributes) AS shown
  FROM staged_product AS s
  JOIN catalogue_product AS p ON p.public_id = s.public_id
  FOR UPDATE OF p
)
UPDATE catalogue_product AS p
SET title = w.title, description = w.description, brand_id = w.brand_id,
  category_id = w.category_id, image_url = w.image_url, popularity = w.popularity,
  published = w.published, created_at = w.created_at, attributes = w.attributes,
  updated_at = clock_timestamp()
FROM wanted AS w
WHERE p.id = w.id AND
  (p.title, p.description, p.brand_id, p.category_id, p.image_url, p.popularity, p.published,
   p.created_at, p.attributes)
  IS DISTINCT FROM
  (w.title, w.description, w.brand_id, w.category_id, w.image_url, w.popularity, w.published,
   w.created_at, w.attributes)
RETURNING p.id, w.shown IS DISTINCT FROM
  ROW(w.title::text, w.description, w.brand_id, w.category_id, w.published, w.attributes)
"""

INSERT_PRODUCTS = """
INSERT INTO catalogue_product (
  public_id, title, description, brand_id, category_id, image_url, popularity, published,
  created_at, attributes, updated_at
)
SELECT s.public_id, s.title, coalesce(s.description, ''), s.brand_id, s.category_id, s.image_url,
  coalesce(s.popularity, 0), coalesce(s.published, true), coalesce(s.created_at, now()),
  coalesce(s.attributes, '{}'), clock_timestamp()
FROM staged_product AS s
WHERE NOT EXISTS (SELECT FROM catalogue_product AS p WHERE p.public_id = s.public_id)
RETURNING id
"""

# A variant that its product's line no longer lists is no longer sold: it loses its offer. The row
# stays, because events and price history name it.
WITHDRAW_OFFERS = """
DELETE FROM catalogue_offer AS o
USING catalogue_variant AS v, catalogue_product AS p, staged_product AS s
WHERE o.variant_id = v.id AND v.product_id = p.id AND p.public_id = s.public_id
  AND 'variants' = ANY(s.present)
  AND NOT EXISTS (
    SELECT FROM staged_variant AS sv WHERE sv.sku = v.sku AND sv.public_id = s.public_id
  )
RETURNING v.product_id
"""

# Answers (product, whether its text may have changed), of both products where a sku moved.
UPDATE_VARIANTS = """
WITH wanted AS (
  SELECT v.id, p.id AS product_id, v.product_id AS old_product_id, s.position, s.list_price,
    s.currency,
    CASE WHEN 'cost' = ANY(s.present) THEN s.cost ELSE v.cost END AS cost,
    CASE WHEN 'stock' = ANY(s.present) THEN s.stock ELSE v.stock END AS stock,
    CASE WHEN 'attributes' = ANY(s.present) THEN s.attributes ELSE v.attributes END AS attributes,
    v.attributes AS old_attributes
  FROM staged_variant AS s
  JOIN catalogue_product AS p ON p.public_id = s.public_id
  JOIN catalogue_variant AS v ON v.sku = s.sku
  FOR UPDATE OF v
), changed AS (
  UPDATE catalogue_variant AS v
  SET product_id = w.product_id, position = w.position, list_price = w.list_price,
    currency = w.currency, cost = w.cost, stock = w.stock, attributes = w.attributes
  FROM wanted AS w
  WHERE v.id = w.id AND
    (v.product_id, v.position, v.list_price, v.currency, v.cost, v.stock, v.attributes)
    IS DISTINCT FROM
    (w.product_id, w.position, w.list_price, w.currency, w.cost, w.stock, w.attributes)
  RETURNING w.product_id, w.old_product_id, w.attributes IS DISTINCT FROM w.old_attributes AS text
)
SELECT product_id, text OR product_id <> old_product_id FROM changed
UNION
SELECT old_product_id, true FROM changed WHERE product_id <> old_product_id
"""

INSERT_VARIANTS = """
INSERT INTO catalogue_variant (
  product_id, sku, position, list_price, currency, cost, stock, attributes
)
SELECT p.id, s.sku, s.position, s.list_price, s.currency, s.cost, s.stock,
  coalesce(s.attributes, '{}')
FROM staged_variant AS s
JOIN catalogue_product AS p ON p.public_id = s.public_id
WHERE NOT EXISTS (SELECT FROM catalogue_variant AS v WHERE v.sku = s.sku)
RETURNING product_id
"""

INSERT_OFFERS = """
WITH made AS (
  INSERT INTO catalogue_offer (variant_id, amount, currency, price_version, updated_at)
  SELECT v.id, v.list_price, v.currency, 1, clock_timestamp()
  FROM staged_variant AS s
  JOIN catalogue_variant AS v ON v.sku = s.sku
  WHERE NOT EXISTS (SELECT FROM catalogue_offer AS o WHERE o.variant_id = v.id)
  RETURNING variant_id
)
SELECT v.product_id FROM made JOIN catalogue_variant AS v ON v.id = made.variant_id
"""

TOUCH_PRODUCTS = """
UPDATE catalogue_product SET updated_at = clock_timestamp() WHERE id = ANY(%s)
"""
