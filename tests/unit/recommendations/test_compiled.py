"""Where compiled code is kept."""

import numba

from recommendations.algorithms import compiled


def test_where_code_can_not_be_kept_each_process_makes_its_own(monkeypatch):
    def refuse(loop, *, cache, **options):
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return numba.njit(loop, **options)

    monkeypatch.setattr(compiled, "njit", refuse)

    def double(number):
        return 2 * number

    assert compiled.compiled(double)(4) == 8
