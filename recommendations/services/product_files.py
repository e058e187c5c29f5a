"""How much the products of an import file are alike by their texts: no shop, no database."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import orjson
import scipy.sparse as sp

from catalogue.services.files import open_lines
from recommendations.algorithms.texts import similarity_of_vectors
from recommendations.exceptions import UnreadableInteractionsError
from search.algorithms.encoder import Encoder
from search.services.embedding import encode_products


def file_similarity(name: str, products: Sequence[str], encoder: Encoder) -> sp.csr_matrix:
    """Text similarities of `products`, in their order, whose lines the file `name` holds.

    Nothing is known of those that it lacks. Raises ImportFileError for a file that can't be read,
    and UnreadableInteractionsError, naming the line, for what is no product.
    """
    known = _read_texts(name)
    chosen = [place for place, product in enumerate(products) if product in known]
    if not chosen:
        return sp.csr_matrix((len(products), len(products)), dtype=np.float32)
    found = encode_products(encoder, [known[products[place]] for place in chosen])
    vectors = np.zeros((len(products), found.shape[1]), dtype=np.float32)
    vectors[chosen] = found
    return similarity_of_vectors(vectors)


def _read_texts(name: str) -> dict[str, tuple[str, str]]:
    texts = {}
    with open_lines(name) as lines:
        for number, line in lines:
            try:
                product = orjson.loads(line)
                texts[str(product["id"])] = _text_of(product)
            except (orjson.JSONDecodeError, TypeError, KeyError, AttributeError):
                raise UnreadableInteractionsError(
                    f"{name}, line {number}: this is no product of an import file."
                ) from None
    return texts


def _text_of(product: dict[str, Any]) -> tuple[str, str]:
    """Title and whole text, about as the search index composes them."""
    path = " > ".join(product.get("category_path") or ())
    parts = (product["title"], product.get("brand"), path, product.get("description"))
    return product["title"], "\n".join(part for part in parts if part)
