"""Parameters of price endpoints."""

from rest_framework.request import Request

from api.rest.parameters import reject_unknown_parameters
from api.rest.problems import invalid_parameter

MOST_PRODUCTS = 100
MAX_ID = 128


def parse_product_ids(request: Request) -> list[str]:
    """The products that `product_ids` names, each once, in order."""
    reject_unknown_parameters(request, ("product_ids",))
    text = request.query_params.get("product_ids", "")
    ids = list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not 1 <= len(ids) <= MOST_PRODUCTS:
        raise invalid_parameter("product_ids", f"Give 1 to {MOST_PRODUCTS} ids, comma-separated.")
    if any(len(product_id) > MAX_ID or "\x00" in product_id for product_id in ids):
        raise invalid_parameter("product_ids", f"An id has at most {MAX_ID} characters, none NUL.")
    return ids
