"""The folder and ports of a local stack."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from local.place import HOST, Ports, check_free, read_json, settle, write_json
from local.trouble import Trouble


def test_the_first_start_takes_the_usual_ports(tmp_path: Path) -> None:
    place = settle(tmp_path, auto=False, environment={})

    assert place.ports == Ports()
    assert place.api_url == "http://127.0.0.1:8700"


def test_ports_chosen_once_are_kept(tmp_path: Path) -> None:
    first = settle(tmp_path, auto=True, environment={})

    assert settle(tmp_path, auto=False, environment={}).ports == first.ports
    assert settle(tmp_path, auto=True, environment={}).ports == first.ports


def test_a_stack_from_before_mail_gets_a_port_for_it(tmp_path: Path) -> None:
    write_json(tmp_path / "ports.json", {"api": 1, "inbox": 2, "emulator": 3})

    ports = settle(tmp_path, auto=False, environment={}).ports

    assert ports == Ports(api=1, inbox=2, emulator=3, smtp=8703)


def test_free_ports_differ(tmp_path: Path) -> None:
    ports = settle(tmp_path, auto=True, environment={}).ports

    assert len({ports.api, ports.inbox, ports.emulator, ports.smtp}) == 4


def test_one_port_may_be_told(tmp_path: Path) -> None:
    place = settle(tmp_path, auto=False, environment={"TOCSIN_API_PORT": "9000"})

    assert place.ports == Ports(api=9000)


def test_a_port_that_is_no_number_is_named(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="TOCSIN_API_PORT=high is not a port"):
        settle(tmp_path, auto=False, environment={"TOCSIN_API_PORT": "high"})


def test_kept_state_ties_the_emulator_to_its_port(tmp_path: Path) -> None:
    settle(tmp_path, auto=False, environment={})
    (tmp_path / "state").mkdir()

    with pytest.raises(Trouble, match="belongs to port 8702"):
        settle(tmp_path, auto=False, environment={"TOCSIN_EMULATOR_PORT": "9999"})


def test_a_taken_port_is_one_line_that_names_the_way_out() -> None:
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(Trouble) as caught:
            check_free(port, "TOCSIN_API_PORT")

    assert str(port) in str(caught.value)
    assert "TOCSIN_API_PORT=" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_broken_file_reads_as_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    assert read_json(path) == {}

    path.write_text('{"half": ')
    assert read_json(path) == {}

    write_json(path, {"whole": 1})
    assert read_json(path) == {"whole": 1}
