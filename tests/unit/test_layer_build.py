"""The layer's build: what it fetches, leaves out, and says."""

from __future__ import annotations

import gzip
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
HERE = f"python{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture(scope="module")
def layer() -> ModuleType:
    """The build script, which is no part of a package: SAM runs it from a copy."""
    spec = importlib.util.spec_from_file_location(
        "layer_build", ROOT / "layers" / "core" / "build.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-hooks.txt"])
def test_every_requirement_is_pinned(name: str) -> None:
    lines = (ROOT / "layers" / "core" / name).read_text().splitlines()

    wanted = [line for line in lines if line and not line.startswith("#")]

    assert wanted
    assert all("==" in line for line in wanted)


@pytest.mark.parametrize(
    ("runtime", "arch", "has", "lacks"),
    [
        ("python3.13", "arm64", "manylinux_2_28_aarch64", "manylinux_2_28_x86_64"),
        ("python3.12", "x86_64", "manylinux_2_34_x86_64", "manylinux_2_34_aarch64"),
        ("python3.11", "x86_64", "manylinux_2_26_x86_64", "manylinux_2_28_x86_64"),
    ],
)
def test_wheels_fit_the_amazon_linux_of_the_runtime(
    layer: ModuleType, runtime: str, arch: str, has: str, lacks: str
) -> None:
    platforms = layer.platforms(runtime, arch)

    assert has in platforms
    assert lacks not in platforms


def test_prose_is_dropped_and_a_member_named_documentation_stays(
    layer: ModuleType,
) -> None:
    described = {"a": [{"documentation": "<p>long</p>", "documentation2": "kept"}]}
    member = {"members": {"documentation": {"shape": "String"}}}

    assert layer.without_prose(described) == {"a": [{"documentation2": "kept"}]}
    assert layer.without_prose(member) == member


def test_a_service_is_unpacked_without_its_prose(
    layer: ModuleType, tmp_path: Path
) -> None:
    packed = tmp_path / "service-2.json.gz"
    packed.write_bytes(gzip.compress(b'{"shapes": {"A": {"documentation": "x"}}}'))

    layer.slim_service(packed)

    unpacked = json.loads((tmp_path / "service-2.json").read_text())
    assert unpacked == {"shapes": {"A": {}}}
    assert not packed.exists()


def test_the_prose_that_botocore_asks_for_is_empty(
    layer: ModuleType, tmp_path: Path
) -> None:
    """S3's own; without it no call of S3 can be made."""
    packed = tmp_path / "service-2.json.gz"
    asked = {"clientContextParams": {"Accelerate": {"documentation": "<p>long</p>"}}}
    packed.write_bytes(gzip.compress(json.dumps(asked).encode()))

    layer.slim_service(packed)

    unpacked = json.loads((tmp_path / "service-2.json").read_text())
    assert unpacked == {"clientContextParams": {"Accelerate": {"documentation": ""}}}


def test_only_the_endpoints_of_services_in_use_are_kept(
    layer: ModuleType, tmp_path: Path
) -> None:
    path = tmp_path / "endpoints.json"
    services: dict[str, object] = {"sns": {}, "ec2": {}}
    path.write_text(json.dumps({"partitions": [{"services": services}]}))

    layer.slim_endpoints(path)

    kept = json.loads(path.read_text())["partitions"][0]["services"]
    assert list(kept) == ["sns"]


def test_bytecode_is_not_checked_against_times_that_zipping_changes(
    layer: ModuleType, tmp_path: Path
) -> None:
    (tmp_path / "module.py").write_text("VALUE = 1\n")

    assert layer.compile_for(tmp_path, HERE)

    (compiled,) = (tmp_path / "__pycache__").glob("module.*.pyc")
    flags = int.from_bytes(compiled.read_bytes()[4:8], "little")
    assert flags == 0b01  # hash-based, and unchecked


def test_without_the_target_s_python_there_is_no_bytecode(
    layer: ModuleType, tmp_path: Path
) -> None:
    assert layer.find_interpreter("python3.99") is None
    assert not layer.compile_for(tmp_path, "python3.99")


def test_a_layer_on_the_wrong_function_says_what_to_do(
    layer: ModuleType, tmp_path: Path
) -> None:
    package = tmp_path / "pydantic_core"
    package.mkdir()
    (package / "__init__.py").write_text("from . import _pydantic_core")
    (package / "_pydantic_core.cpython-399-nowhere.so").write_bytes(b"")

    layer.guard(tmp_path, "python3.99", "arm64")

    done = subprocess.run(
        [sys.executable, "-c", "import pydantic_core"],
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "built for python3.99 on arm64" in done.stderr
    assert "TOCSIN_BUILD_RUNTIME" in done.stderr


def test_a_further_layer_holds_its_own_wheels_and_none_of_our_code(
    layer: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def fetch(target: Path, runtime: str, arch: str, wanted: str) -> None:
        asked.append(wanted)
        (target / "cffi").mkdir()
        (target / "cffi" / "api.py").write_text("VALUE = 1\n")
        (target / "cffi-1.dist-info").mkdir()

    monkeypatch.setattr(layer, "fetch", fetch)

    layer.build(tmp_path / "python", HERE, "host", "requirements-hooks.txt")

    assert asked == ["requirements-hooks.txt"]
    assert [each.name for each in (tmp_path / "python").iterdir()] == ["cffi"]
    assert list((tmp_path / "python" / "cffi" / "__pycache__").glob("api.*.pyc"))


def test_an_unknown_target_is_one_line_and_a_failed_build(
    layer: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("TOCSIN_BUILD_ARCH", "sparc")

    assert layer.main([str(tmp_path)]) == 1

    told = capsys.readouterr().err.splitlines()
    assert told == ["layer: no such target: python3.13 on sparc"]
