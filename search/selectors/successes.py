"""What became of a search: who did something with what it showed."""

from events.selectors import ATTRIBUTED, BY_PEOPLE

# From searches (`s`) to what followed them (`e`): a click, cart or purchase that names the answer's
# request, of a product that it showed, by the shopper whom it was given to, who is no bot. `link`
# is the account that the searching device belongs to today.
SUCCESSES = f"""
FROM search_searchquery AS s
JOIN events_event AS e ON e.request_id = s.request_id::text
{ATTRIBUTED}
LEFT JOIN customers_identitylink AS link
  ON link.visitor_id = s.visitor_id AND link.ended_at IS NULL AND link.undone_at IS NULL
WHERE {BY_PEOPLE} AND s.query <> ''
  AND e.request_id IS NOT NULL AND e.type IN ('click', 'add_to_cart', 'purchase')
  AND (e.visitor_id = s.visitor_id OR e.customer_id = s.customer_id
    OR e.customer_id = link.customer_id)
  AND e.product_id = ANY(s.product_ids) AND coalesce(s.visitor_id::text, s.customer_id::text) <> ''
"""
