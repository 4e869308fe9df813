"""Routes: the file checked, saved under its ETag, tried with an event; silences."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Sit
from tests.browser.story import lived_world, planned_world
from tests.fakes.api import ApiWorld
from tocsin.presenting import iso

WRONG = "routes:\n  - name: a\n    to: [nowhere]\n"
OTHER = "routes:\n  - name: all\n    to: [ops]\n"


def write(page: Page, text: str) -> None:
    expect(page.get_by_text("The file is valid.")).to_be_visible()
    page.get_by_label("Routing file in YAML").fill(text)


def put(world: ApiWorld, text: str) -> int:
    yaml = {"content-type": "application/yaml"}
    return world.call("PUT", "/v1/config", text.encode(), headers=yaml).status


def test_a_mistake_is_shown_at_its_line(sit: Sit) -> None:
    page = sit(lived_world(), "routes").page
    write(page, WRONG)

    expect(page.locator(".gutter [data-wrong]")).to_have_text("3")
    expect(page.get_by_role("alert")).to_contain_text(
        "no destination is named 'nowhere'"
    )
    page.get_by_role("button", name="Go to line 3").click()
    picked = (
        "(a => a.value.slice(a.selectionStart, a.selectionEnd))(document.activeElement)"
    )
    assert page.evaluate(picked) == "    to: [nowhere]"


def test_what_would_change_is_told_before_saving(sit: Sit) -> None:
    page = sit(lived_world(), "routes").page
    write(page, OTHER)

    expect(page.get_by_text("all: all events go to ops.")).to_be_visible()
    expect(page.get_by_text("Of the last 9 events would go")).to_be_visible()
    expect(page.get_by_text("feed → ops").first).to_be_visible()


def test_it_is_saved_over_what_was_read_only(sit: Sit) -> None:
    world = lived_world()
    page = sit(world, "routes").page
    write(page, OTHER)
    assert put(world, "routes:\n  - name: theirs\n    to: [feed]\n") == 200
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("dialog")).to_contain_text("Someone else saved")
    assert world.settings.current().config.routes[0].name == "theirs"
    page.get_by_role("button", name="Load theirs").click()
    expect(page.get_by_label("Routing file in YAML")).to_have_value(
        "routes:\n  - name: theirs\n    to: [feed]\n"
    )


def test_a_draft_survives_a_look_at_the_silences(sit: Sit) -> None:
    page = sit(lived_world(), "routes").page
    write(page, OTHER)
    page.get_by_role("link", name="Silences").click()
    page.get_by_role("link", name="Routing file").click()

    expect(page.get_by_label("Routing file in YAML")).to_have_value(OTHER)
    expect(page.get_by_text("Changed, not saved")).to_be_visible()


def test_an_event_is_tried_without_being_sent(sit: Sit) -> None:
    world = lived_world()
    page = sit(world, "routes").page
    before = len(world.ledger.kept)
    page.get_by_text("Try an event").click()
    page.get_by_role("button", name="Dry run").click()

    expect(page.get_by_text("It would go to ops, oncall, feed.")).to_be_visible()
    assert len(world.ledger.kept) == before


def test_a_silence_is_made_and_ended(sit: Sit) -> None:
    world = lived_world()
    page = sit(world, "routes/silences").page
    page.get_by_role("button", name="New silence").click()
    expect(page.get_by_text("This silences everything")).to_be_visible()
    page.get_by_label("Types").fill("disk.*, backup.*")
    expect(page.get_by_text("This silences everything")).to_be_hidden()
    page.get_by_label("Why").fill("moving the database")
    page.get_by_role("dialog").get_by_role("button", name="Silence", exact=True).click()

    expect(page.locator(".cards")).to_contain_text("moving the database")
    expect(page.locator(".strip")).to_contain_text("moving the database")
    [made] = world.settings.current().silences
    assert made.match.type == ("disk.*", "backup.*")
    page.get_by_role("button", name="End now").click()
    page.get_by_role("dialog").get_by_role("button", name="End now").click()
    expect(page.get_by_text("Nothing is silenced.")).to_be_visible()
    expect(page.get_by_text("No silence, quiet hours or digest")).to_be_visible()
    assert world.settings.current().silences == ()


def test_a_silence_comes_again_in_the_viewers_own_hours(sit: Sit) -> None:
    world = lived_world()
    page = sit(world, "routes/silences", key="ops").page
    page.get_by_role("button", name="New silence").click()
    page.get_by_label("Sources").fill("cron-*")
    page.get_by_label("For how long").select_option("")
    page.get_by_text("Later, or again and again").click()
    page.get_by_label("Begins").fill("2030-05-01T08:00")
    page.get_by_label("Comes again").select_option("weekday")
    page.get_by_label("From", exact=True).fill("01:00")
    page.get_by_label("Until", exact=True).fill("02:30")
    page.get_by_role("dialog").get_by_role("button", name="Silence", exact=True).click()
    expect(page.locator(".cards")).to_contain_text("source cron-*")

    [made] = world.settings.current().silences
    assert iso(made.starts_at) == "2030-05-01T06:00:00.000Z"
    assert made.ends_at is None
    hours = made.recurring
    assert hours is not None
    assert (hours.from_, hours.to) == ("01:00", "02:30")
    assert hours.days == ("mon", "tue", "wed", "thu", "fri")
    assert hours.timezone == "Europe/Zurich"


def test_what_the_api_refuses_is_said_in_the_dialog(sit: Sit) -> None:
    world = lived_world()
    page = sit(world, "routes/silences", key="ops").page
    page.get_by_role("button", name="New silence").click()
    page.get_by_label("For how long").select_option("")
    page.get_by_role("dialog").get_by_role("button", name="Silence", exact=True).click()

    expect(page.get_by_role("dialog")).to_contain_text("a silence must end")
    assert world.settings.current().silences == ()


def test_the_days_to_come_are_drawn_and_told(sit: Sit) -> None:
    page = sit(planned_world(), "routes/silences", key="ops").page
    lanes = page.locator(".strip .lane:not(.days)")

    expect(lanes).to_have_count(5)
    expect(lanes.filter(has_text="moving the database").locator(".bar")).to_have_count(
        1
    )
    expect(page.locator(".strip .day")).to_have_count(7)
    expect(page.get_by_role("img", name="5 rows of silences")).to_be_visible()

    page.locator("summary").focus()
    page.keyboard.press("Enter")
    row = page.get_by_role("row").filter(has_text="new payment provider")
    expect(row).to_contain_text("Maintenance")
    expect(row).to_contain_text("(4 h)")
    expect(
        page.get_by_role("row").filter(has_text="Quiet hours").first
    ).to_contain_text("night-shift (not >=critical)")


def test_days_are_the_viewers_own(sit: Sit) -> None:
    """Quiet hours of 22:00 to 07:00 in Zurich, seen in Zurich."""
    page = sit(planned_world(), "routes/silences").page
    page.locator("summary").click()
    row = page.get_by_role("row").filter(has_text="Quiet hours").last

    expect(row.locator("time").first).to_contain_text("10:00 PM")
    expect(page.get_by_text("Your time, Europe/Zurich")).to_be_visible()
