"""Recommendation algorithms on arrays: no framework, database or clock.

Matrices follow the literature's names: `user_items` is a CSR matrix of confidences with one row
per shopper and one column per product.
"""
