"""Store one chunk of product lines: staged by COPY, then a fixed number of statements."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from psycopg.types.json import Jsonb

from catalogue.algorithms.lines import ProductLine
from catalogue.services import statements
from catalogue.services.names import ensure_brands, ensure_categories
from catalogue.signals import announce_on_commit

PRODUCT_TYPES = (
    "text", "text[]", "text", "text", "int8", "int8", "text", "float8", "bool", "timestamptz",
    "jsonb",
)  # fmt: skip
VARIANT_TYPES = (
    "text", "text", "int4", "numeric", "text", "text[]", "numeric", "int4", "jsonb",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ChunkResult:
    """How many products a chunk made and changed."""

    created: int
    updated: int


def store_chunk(lines: Sequence[ProductLine]) -> ChunkResult:
    """Store `lines`, each of another product, and announce what changed; within a transaction.

    The lines must be storable: a new product with a title and variants, no sku of another product.
    """
    _stage(lines)
    rows = dict(_run(statements.UPDATE_PRODUCTS))
    created = set(_first(_run(statements.INSERT_PRODUCTS)))
    announced, touched = _store_variants()
    announced |= {product_id for product_id, shown in rows.items() if shown}
    _run(statements.TOUCH_PRODUCTS, [sorted(announced - set(rows) - created)])
    announce_on_commit(sorted(announced | created))
    return ChunkResult(len(created), len((touched | set(rows)) - created))


def _store_variants() -> tuple[set[int], set[int]]:
    """Store the staged variants: products whose text may have changed, products with any change."""
    announced = set(_first(_run(statements.WITHDRAW_OFFERS)))
    changed = _run(statements.UPDATE_VARIANTS)
    announced |= {product_id for product_id, text in changed if text}
    announced |= set(_first(_run(statements.INSERT_VARIANTS)))
    announced |= set(_first(_run(statements.INSERT_OFFERS)))
    return announced, announced | set(_first(changed))


def _run(sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor) if cursor.description else []


def _first(rows: Iterable[tuple[Any, ...]]) -> Iterator[int]:
    return (row[0] for row in rows)


def _stage(lines: Sequence[ProductLine]) -> None:
    brands = ensure_brands({b for line in lines if (b := line.fields.get("brand"))})
    categories = ensure_categories({c for line in lines if (c := line.fields.get("category_path"))})
    products = (
        _product_row(line, brands.get(line.fields.get("brand", "")),
                     categories.get(line.fields.get("category_path", ())))
        for line in lines
    )  # fmt: skip
    for statement in statements.STAGE.split(";"):
        _run(statement)
    _copy(statements.COPY_PRODUCTS, PRODUCT_TYPES, products)
    _copy(statements.COPY_VARIANTS, VARIANT_TYPES, _variant_rows(lines))
    _run(statements.ANALYSE_STAGE)


def _copy(sql: str, types: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(sql) as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)


def _product_row(
    line: ProductLine, brand_id: int | None, category_id: int | None
) -> tuple[Any, ...]:
    fields = line.fields
    present = [*fields, "variants"] if line.variants is not None else list(fields)
    return (
        line.id, present, fields.get("title"), fields.get("description"), brand_id, category_id,
        fields.get("image_url"), fields.get("popularity"), fields.get("published"),
        fields.get("created_at"), _json(fields.get("attributes")),
    )  # fmt: skip


def _variant_rows(lines: Iterable[ProductLine]) -> Iterator[tuple[Any, ...]]:
    for line in lines:
        for position, variant in enumerate(line.variants or ()):
            fields = variant.fields
            yield (
                variant.sku, line.id, position, variant.list_price, variant.currency,
                list(fields), fields.get("cost"), fields.get("stock"),
                _json(fields.get("attributes")),
            )  # fmt: skip


def _json(value: Any) -> Jsonb | None:
    return None if value is None else Jsonb(value)
