"""Columns that several tables of prices have."""

from typing import Any

from django.db import models


def money(**options: Any) -> "models.DecimalField[Any, Any]":
    """An amount: 14 digits, 4 of them decimals."""
    return models.DecimalField(max_digits=14, decimal_places=4, **options)


def fraction(**options: Any) -> "models.DecimalField[Any, Any]":
    """A share such as 0.1 for 10 %: 8 digits, 4 of them decimals."""
    return models.DecimalField(max_digits=8, decimal_places=4, **options)
