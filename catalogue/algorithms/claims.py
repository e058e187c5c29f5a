"""Two products can't sell the same sku: find the lines that claim another's."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from catalogue.algorithms.lines import ProductLine


@dataclass(frozen=True, slots=True)
class Claim:
    """A variant of a line whose sku is another product's."""

    line: ProductLine
    position: int
    owner: str


def find_false_claims(lines: Iterable[ProductLine], owners: Mapping[str, str]) -> list[Claim]:
    """The first false claim of each line at fault, in the lines' order.

    `owners` tells which product sells each sku now. A product whose own line no longer lists a sku
    gives it up, unless that line is itself at fault.
    """
    good = list(lines)
    false: dict[int, Claim] = {}
    while found := list(_one_round(good, owners)):
        false |= {claim.line.number: claim for claim in found}
        good = [line for line in good if line.number not in false]
    return [false[number] for number in sorted(false)]


def _one_round(lines: list[ProductLine], owners: Mapping[str, str]) -> Iterator[Claim]:
    listed = {
        line.id: {variant.sku for variant in line.variants}
        for line in lines
        if line.variants is not None
    }
    claimed: dict[str, str] = {}
    for line in lines:
        for index, variant in enumerate(line.variants or ()):
            owner = owners.get(variant.sku, line.id)
            if variant.sku not in listed.get(owner, {variant.sku}):
                owner = line.id
            owner = claimed.get(variant.sku, owner)
            if owner != line.id:
                yield Claim(line, index, owner)
                break
        else:
            claimed |= {variant.sku: line.id for variant in line.variants or ()}
