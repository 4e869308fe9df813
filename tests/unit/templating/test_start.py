"""Who uses no template pays for none."""

from __future__ import annotations

import os
import subprocess
import sys

SEND = """
import sys
from tests.unit.templating.test_applying import NOW, notification
from tocsin.composing import compose
from tocsin.delivery import Delivery
from tocsin.rules.config import Config
import tocsin.api.resources, tocsin.bootstrap, tocsin.lane
for name in [each for each in sys.modules if each.startswith(("jinja2", "markupsafe"))]:
    del sys.modules[name]
config = Config.model_validate({templates})
compose(notification(), Delivery("ops"), channel="discord", config=config, now=NOW)
print("jinja2" in sys.modules, "tocsin.templating.models" in sys.modules)
"""


def sent(templates: str) -> str:
    code = SEND.replace("{templates}", templates)
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    return done.stdout.strip()


def test_a_message_without_a_template_imports_nothing_for_it() -> None:
    assert sent("{}") == "False False"


def test_one_with_a_template_imports_what_it_takes() -> None:
    assert sent("{'templates': {'*': {'title': 'x'}}}") == "True True"
