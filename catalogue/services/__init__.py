"""Write the catalogue: bulk import, publication."""

from catalogue.services.files import LineFile, open_lines
from catalogue.services.importing import ImportReport, OnError, Reporter, import_products
from catalogue.services.publishing import set_published

__all__ = [
    "ImportReport",
    "LineFile",
    "OnError",
    "Reporter",
    "import_products",
    "open_lines",
    "set_published",
]
