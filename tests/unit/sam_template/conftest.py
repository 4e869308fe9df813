"""The template, read once."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from local.place import ROOT
from tests.unit.sam_template.reading import Loader


@pytest.fixture(scope="session")
def template() -> dict[str, Any]:
    found = yaml.load((ROOT / "template.yaml").read_text(), Loader)
    assert isinstance(found, dict)
    return found


@pytest.fixture(scope="session")
def resources(template: dict[str, Any]) -> dict[str, Any]:
    found = template["Resources"]
    assert isinstance(found, dict)
    return found
