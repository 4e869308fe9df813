"""Fixed windows over a clock that the test holds."""

from __future__ import annotations

from local.inbox.quotas import Quota, Windows


def test_the_window_opens_with_the_first_request() -> None:
    windows = Windows(Quota(2, 2.0))
    first = windows.take("hook", 100.5)
    second = windows.take("hook", 101.5)

    assert first is not None
    assert second is not None
    assert (first.remaining, first.reset_at) == (1, 102.5)
    assert (second.remaining, second.reset_after) == (0, 1.0)


def test_what_is_too_much_waits_for_the_end_of_the_window() -> None:
    windows = Windows(Quota(1, 2.0))
    windows.take("hook", 0.0)
    refused = windows.take("hook", 1.999)
    after = windows.take("hook", 2.0)

    assert refused is not None
    assert after is not None
    assert (refused.allowed, after.allowed) == (False, True)


def test_keys_do_not_share_a_window() -> None:
    windows = Windows(Quota(1, 2.0))
    windows.take("one", 0.0)
    other = windows.take("other", 0.0)

    assert other is not None
    assert other.allowed


def test_without_a_quota_everything_passes() -> None:
    assert Windows(None).take("hook", 0.0) is None


def test_closed_windows_are_forgotten() -> None:
    windows = Windows(Quota(1, 1.0))
    for number in range(10_000):
        windows.take(number, float(number))

    assert windows.look(9_999, 9_999.5) is not None
    assert windows.look(1, 9_999.5) is None
