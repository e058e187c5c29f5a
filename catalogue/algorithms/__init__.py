"""Pure parts of the catalogue: slugs, and the lines of an import."""
