"""Write the catalogue: bulk import."""

from catalogue.services.files import LineFile, open_lines
from catalogue.services.importing import ImportReport, OnError, Reporter, import_products

__all__ = ["ImportReport", "LineFile", "OnError", "Reporter", "import_products", "open_lines"]
