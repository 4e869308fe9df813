"""The map of the core shows it as it is."""

from __future__ import annotations

from local.module_map import PAGE, page


def test_the_map_of_the_core_is_current() -> None:
    """Else: python -m local.module_map"""
    assert PAGE.read_text() == page()
