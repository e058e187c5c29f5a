"""The one text of a product, composed here and nowhere else."""

# Raising it re-indexes and re-embeds every product: for changes to what is below.
TEXT_VERSION = "2.1"

# One row per product. Attributes of the product and of its variants become "colour: blue, red";
# true is "yes", and false, null and nested values are left out. They stand before the description
# because a model reads only the first few hundred tokens.
PRODUCT_TEXTS = f"""
SELECT composed.*, md5('{TEXT_VERSION}' || composed.text) AS text_hash
FROM (
  SELECT p.id AS product_id, p.title, p.description, named.attributes,
    b.name AS brand, c.name AS category,
    concat_ws(' ', b.name, array_to_string(c.path, ' ')) AS labels,
    concat_ws(E'\\n', p.title, b.name, array_to_string(c.path, ' > '),
      named.attributes, nullif(p.description, '')) AS text
  FROM catalogue_product AS p
  LEFT JOIN catalogue_brand AS b ON b.id = p.brand_id
  LEFT JOIN catalogue_category AS c ON c.id = p.category_id
  LEFT JOIN LATERAL (
    SELECT left(string_agg(name || ': ' || texts, '; ' ORDER BY name), 1000) AS attributes
    FROM (
      SELECT pair.key AS name, string_agg(DISTINCT shown.text, ', ' ORDER BY shown.text) AS texts
      FROM (
        SELECT p.attributes
        UNION ALL
        SELECT v.attributes FROM catalogue_variant AS v WHERE v.product_id = p.id
      ) AS holder
      CROSS JOIN LATERAL jsonb_each(
        CASE jsonb_typeof(holder.attributes) WHEN 'object' THEN holder.attributes ELSE '{{}}' END
      ) AS pair
      CROSS JOIN LATERAL jsonb_array_elements(
        CASE jsonb_typeof(pair.value) WHEN 'array' THEN pair.value
          ELSE jsonb_build_array(pair.value) END
      ) AS item
      CROSS JOIN LATERAL (
        SELECT CASE jsonb_typeof(item) WHEN 'string' THEN item #>> '{{}}'
          WHEN 'number' THEN item #>> '{{}}' WHEN 'boolean' THEN CASE item::text WHEN 'true'
          THEN 'yes' END END AS text
      ) AS shown
      WHERE shown.text <> ''
      GROUP BY pair.key
    ) AS pairs
  ) AS named ON true
  WHERE %(ids)s::bigint[] IS NULL OR p.id = ANY(%(ids)s::bigint[])
) AS composed
"""  # noqa: S608 - the only value in it is the constant above
