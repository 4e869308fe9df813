"""Five services, told by their programs: what people see is what each describes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pytest
import yaml

from tests.e2e.examples import FOLDER, PYTHON, Reader, readers
from tests.e2e.stack import Stack, shown_in, until

RED, ORANGE, YELLOW = 0xFF0000, 0xFF8800, 0xFFCC00
GREEN, BLUE, GRAY = 0x00CC66, 0x3399FF, 0x808080
PURPLE, PALE_GRAY = 0x9B59B6, 0x95A5A6
SIGNAL_BLUE, SIGNAL_GREEN = 0x0099FF, 0x00FF00
HIGH, WHITE = 0xFF4D00, 0xFFFFFF
A_MINUTE = timedelta(minutes=1)
HOME = ZoneInfo("Europe/Zurich")  # as in `tocsin.yaml`
APP = "https://app.chataigne.ai/whatsapp/messages?conversationId="


@pytest.fixture(scope="module")
def waiting(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> list[Reader]:
    """Readers for all tests of this module; whoever is cold starts now."""
    stack.send({"type": "warm-up", "title": "Whoever is cold starts now"})
    return list(readers(stack, 8, tmp_path_factory.mktemp("tools")))


@pytest.fixture
def reader(waiting: list[Reader]) -> Reader:
    return waiting.pop()


def seen(
    reader: Reader, program: str, wanted: Mapping[str, int]
) -> dict[str, dict[str, Any]]:
    """Run the program; every embed by its title, once all these titles have come, each
    in its colour. What was edited meanwhile is there as it came, and as it is now."""
    branch = f"Zurich {reader.box.name}"  # problems of an earlier run are its own
    path = str(FOLDER / "seeds" / f"{program}.py")
    ended = reader.run(PYTHON, path, TOCSIN_BRANCH=branch)
    assert ended.well, ended.err

    def all_there() -> dict[str, dict[str, Any]] | None:
        now = [each for got in reader.box.messages() for each in shown_in(got)]
        embeds = {each["title"]: each for each in (*now, *reader.box.embeds())}
        return embeds if wanted.keys() <= embeds.keys() else None

    found = until(all_there, f"all titles of {program}")
    assert {title: found[title]["color"] for title in wanted} == wanted
    return found


def fields(embed: Mapping[str, Any]) -> dict[str, str]:
    return {each["name"]: each["value"] for each in embed.get("fields", [])}


@pytest.fixture
def links_of_support(stack: Stack) -> None:
    """The routing file with the links of `support.yaml`."""
    links = yaml.safe_load((FOLDER / "seeds" / "support.yaml").read_text())["links"]
    live = stack.call("GET", "/v1/config").json
    put = stack.call(
        "PUT", "/v1/config", {**live, "links": {**live.get("links", {}), **links}}
    )
    assert put.status == 200, put.body


@pytest.mark.usefixtures("links_of_support")
def test_support_is_alerted_with_customer_conversation_and_links(
    reader: Reader,
) -> None:
    error = "🚨 A message could not be processed at Chez Ana"
    warning = "⚠️ An event could not be processed at Chez Ana"
    wanted = {
        error: RED,
        warning: ORANGE,
        "ℹ️ An event could not be processed at Chez Bo": BLUE,
    }

    embeds = seen(reader, "support", wanted)

    assert fields(embeds[error]) == {
        "Store": "Chez Ana",
        "Customer": "Jo Weber",
        "Phone": "+41 79 555 01 02",
        "Orders": "12",
        "Conversation": "cv-817",
        "Environment": "production",
    }
    told = embeds[error]["description"]
    assert told.startswith("The model's answer could not be parsed.")
    # Of who is not known, nothing is shown.
    assert fields(embeds[warning]).keys() == {"Store", "Conversation", "Environment"}
    assert embeds[error]["url"] == f"{APP}cv-817"
    assert embeds[error]["footer"]["text"].endswith(f"{datetime.now(HOME):%Z}")
    words = str(reader.box.messages())
    for place in (
        "https://cloud.langfuse.com/project/p1/traces/t-81",
        "https://linear.app/example/issue/SUP-214",
        "Linear SUP-214",
        "environmentId=33333333-aaaa-4bbb-8ccc-444444444444",
        "environmentId=77777777-aaaa-4bbb-8ccc-888888888888",
    ):
        assert place in words
    windows = re.findall(r"start=([^&\s\"'\]]+)&end=([^&\s\"'\])]+)", words)
    assert {moment(end) - moment(start) for start, end in windows} == {A_MINUTE}


def moment(text: str) -> datetime:
    """A time as it stands in an address."""
    return datetime.fromisoformat(unquote(text))


def test_a_party_s_notices_have_their_titles_colours_and_footer(
    reader: Reader,
) -> None:
    wanted = {
        "🎮 Party Created: Friday LAN": GREEN,
        "👋 Bo joined": BLUE,
        "🎮 Game Started: OpenTTD": PURPLE,
        "🏁 Game Ended: OpenTTD": PALE_GRAY,
        "👋 Bo left": ORANGE,
    }

    embeds = seen(reader, "party", wanted)

    told = {title: each["description"] for title, each in embeds.items()}
    assert "Host: Ana\nParty ID: lan-42" in told["🎮 Party Created: Friday LAN"]
    assert "Welcome to Friday LAN" in told["👋 Bo joined"]
    assert "Left Friday LAN" in told["👋 Bo left"]
    assert "Players: Ana, Bo" in told["🎮 Game Started: OpenTTD"]
    ended = told["🏁 Game Ended: OpenTTD"]
    assert "Duration: 1 h 23 min\nAverage latency: 23 ms" in ended
    assert "https://discord.gg/abc123xyz" in str(reader.box.messages())
    assert all(each["footer"]["text"].startswith("LANrage") for each in embeds.values())
    times = [datetime.fromisoformat(each["timestamp"]) for each in embeds.values()]
    assert {each.utcoffset() for each in times} == {timedelta(0)}


def test_alerts_have_the_colours_of_their_urgency_and_a_storm_is_held_back(
    reader: Reader, waiting: list[Reader]
) -> None:
    box, audit = reader.box, waiting.pop().box
    mirrored = {"channel": "discord", "url": box.url, "audit_to": audit.name}
    status, _ = box.stack.operate("PUT", f"/v1/destinations/{box.name}", mirrored)
    assert status == 200
    wanted = {
        "🛠️ order-router started": GRAY,
        "🚨 Order gateway is down": RED,
        "🟠 Order book is 40 s behind": ORANGE,
        "🟡 Disk is 81 % full": YELLOW,
        "🚀 order-router 1.4.2 is live": GREEN,
        "🔁 Bought 1,200 ACME at $12.50": BLUE,
        "🛠️ Cache was cold": GRAY,
        "🟠 TimeoutError in place_order": ORANGE,
    }

    seen(reader, "trading", wanted)

    storm = [each for each in reader.box.embeds() if "TimeoutError" in each["title"]]
    assert len(storm) == 3
    until(lambda: "Held back 7" in str(reader.box.messages()), "the count held back")
    (line,) = until(
        lambda: [each for each in audit.embeds() if "gateway is down" in each["title"]],
        "the line in the audit mirror",
    )
    assert line["color"] == WHITE
    assert "All three sessions" not in str(audit.messages())


def test_everyone_is_pinged_for_p0_alone(reader: Reader) -> None:
    seen(
        reader,
        "trading",
        {"🚨 Order gateway is down": RED, "🟡 Disk is 81 % full": YELLOW},
    )

    payloads = [each["payload"] for each in reader.box.messages()]
    pinging = [each for each in payloads if "@everyone" in (each.get("content") or "")]
    assert ["Order gateway is down" in str(each["embeds"]) for each in pinging] == [
        True
    ]
    for each in payloads:
        allowed = each["allowed_mentions"]["parse"]
        assert allowed == (["everyone"] if each in pinging else [])


def test_marketing_hears_of_leads_reports_posts_and_campaigns(reader: Reader) -> None:
    day = f"📊 Performance - {datetime.now(HOME):%Y-%m-%d}"
    wanted = {
        "🔥 Min-Ji Park - Score: 85": RED,
        day: SIGNAL_BLUE,
        "📊 4-Audience Retargeting Status": SIGNAL_BLUE,
        "📱 Multi-Platform Publishing Complete": SIGNAL_GREEN,
        "🚀 Marketing Campaign Execution": SIGNAL_BLUE,
        "📊 Progress: 67%": SIGNAL_BLUE,
        "✅ Execution Successful": SIGNAL_GREEN,
        "❌ Error in marketing-campaign": RED,
    }

    embeds = seen(reader, "marketing", wanted)

    assert not any("Jo Weber" in title for title in embeds), "79 is below the threshold"
    lead = embeds["🔥 Min-Ji Park - Score: 85"]
    assert lead["url"] == "https://notion.so/a1b2c3d4"
    assert lead["description"].startswith("Immediate follow-up recommended")
    assert fields(lead) == {
        "Email": "minjipark@salon.example",
        "Score": "85",
        "Stage": "Assessment Complete",
        "Notion Link": "[Open in Notion](https://notion.so/a1b2c3d4)",
    }
    assert fields(embeds[day]) == {
        "💰 Total Ad Spend": "$1,250.50",
        "👥 Conversions": "1,342",
        "📊 Cost Per Lead": "$9.32",
        "🎯 CTR": "2.35%",
        "📥 Opt-in Rate": "31.3%",
        "✅ Close Rate": "12.5%",
    }
    audiences = embeds["📊 4-Audience Retargeting Status"]
    told = "Total visitors processed: 12,450\nTotal daily budget: $132.50"
    assert told in audiences["description"]
    assert fields(audiences)["Buyers"] == r"Users: 100 \| Budget: $5/day"
    post = embeds["📱 Multi-Platform Publishing Complete"]
    assert fields(post) == {"Linkedin": "[View Post](https://www.linkedin.com/posts/1)"}
    assert len(post["description"].partition("...")[0]) == 200
    steps = [each for each in reader.box.embeds() if "Progress: " in each["title"]]
    assert len(steps) == 1, "the steps of a run are one card"
    error = fields(embeds["❌ Error in marketing-campaign"])
    assert error["Details"] == "Failed at step: upload_audience"
    assert "Time" in error


def days_until(day: date) -> int:
    """From today, on the clocks of those who read."""
    return (day - datetime.now(HOME).date()).days


def expiring() -> str:
    """What the program's certificate is told as: it has three days and an hour."""
    expires = datetime.now(HOME) + timedelta(days=3, hours=1)
    days = days_until(expires.date())
    return f"Certificate of shop.example.com expires in {days} days"


def test_compliance_hears_of_obligations_certificates_and_a_digest(
    reader: Reader,
) -> None:
    ahead = days_until(datetime.now(UTC).date() + timedelta(days=3))
    late = -days_until(datetime.now(UTC).date() - timedelta(days=2))
    due_soon = f"⚠️ VAT return Q3 is due in {ahead} days"
    wanted = {
        due_soon: ORANGE,
        f"🔴 Fire drill is {late} days overdue": HIGH,
        f"🔴 {expiring()}": HIGH,
        "🚨 SSL check of api.example.com failed": RED,
        "🗞️ Weekly digest: 14 events": BLUE,
    }

    embeds = seen(reader, "compliance", wanted)

    due = embeds[due_soon]
    assert fields(due).keys() == {"Due", "Owner", "Obligation"}
    assert "Zurich" in due["footer"]["text"]
    failed = embeds["🚨 SSL check of api.example.com failed"]
    assert failed["description"].startswith("certificate has expired")
    assert fields(failed)["Domain"] == "api.example.com"
    assert fields(embeds["🗞️ Weekly digest: 14 events"]) == {
        "Obligations due": "×9",
        "Certificates expiring": "×5",
    }


def test_a_receipt_is_on_record_and_ends_the_repeats(reader: Reader) -> None:
    title, stack = expiring(), reader.box.stack
    seen(reader, "compliance", {f"🔴 {title}": HIGH})
    found = stack.listed("since=1h&type=ssl_expiry")
    (one,) = [each for each in found if each["branch"] == f"Zurich {reader.box.name}"]
    note = "Received, will renew certificate this week"

    status, told = stack.operate(
        "POST", f"/v1/notifications/{one['id']}/acknowledge", {"note": note}
    )
    seen(reader, "compliance", {f"🔴 {title}": HIGH})
    until(lambda: stack.read(one["id"])["occurrences"] == 2, "the repeat")

    assert status == 200
    assert (told["ack_by"], told["ack_note"]) == ("admin", note)
    assert datetime.fromisoformat(told["ack_at"]).utcoffset() is not None
    assert [each["title"] for each in reader.box.embeds()].count(f"🔴 {title}") == 1
