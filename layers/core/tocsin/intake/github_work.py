"""GitHub's work: workflow runs, deployments, releases, pushes and its ping."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue

from tocsin.events import Event, State
from tocsin.intake.demands import a_text, an_object
from tocsin.intake.drafts import Named, draft, happened
from tocsin.intake.measurement import duration
from tocsin.intake.trimming import line, mapping, sequence, text
from tocsin.severity import Severity

COMMITS = 10
_FAILED = {
    "failure": "failed",
    "timed_out": "timed out",
    "startup_failure": "could not start",
    "action_required": "waits for someone",
}
_DEPLOYED: dict[str, State] = {
    "success": "resolved",
    "failure": "firing",
    "error": "firing",
}

Fields = Mapping[str, JsonValue]


def repository(value: Fields) -> str:
    """Owner and name. Raises `Invalid`."""
    told = an_object(value.get("repository"), "repository")
    return a_text(told.get("full_name"), "repository.full_name")


def default_branch(value: Fields) -> str:
    """The branch that releases are made from, or ""."""
    return line(mapping(value.get("repository")).get("default_branch"), 200)


def ping(value: Fields, _: Severity) -> list[Event]:
    """What GitHub sends when a webhook is set up."""
    hook = an_object(value.get("hook"), "hook")
    owner = mapping(value.get("repository")).get("full_name")
    place = line(owner, 150) or line(
        mapping(value.get("organization")).get("login"), 150
    )
    names = ", ".join(line(each, 60) for each in sequence(hook.get("events"))[:20])
    return [
        draft(
            "github.ping",
            f"{place or 'GitHub'} is connected",
            message="GitHub can reach this address.",
            severity=Severity.SUCCESS,
            source=place,
            facts=[("Events", "all" if names == "*" else names)],
            links=[
                ("Open repository", mapping(value.get("repository")).get("html_url"))
            ],
        )
    ]


def workflow_run(value: Fields, usual: Severity) -> list[Event] | str:
    """A run that failed is a problem of its workflow on its branch, which the next
    success there ends."""
    place = repository(value)
    run = an_object(value.get("workflow_run"), "workflow_run")
    conclusion = line(run.get("conclusion"), 40)
    if value.get("action") != "completed":
        return "only workflow runs that are completed are told"
    said = "passed again" if conclusion == "success" else _FAILED.get(conclusion)
    if said is None:
        return f"a workflow run that is {conclusion or 'not concluded'} is not told"
    name = a_text(run.get("name"), "workflow_run.name")
    branch = line(run.get("head_branch"), 200)
    subject = _subject(mapping(run.get("head_commit")).get("message"))
    own = line(run.get("workflow_id"), 40) or name
    return [
        draft(
            "github.workflow_run",
            f"{place}: {name} {said}" + (f" on {branch}" if branch else ""),
            message=subject or run.get("display_title"),
            severity=usual,
            state="resolved" if conclusion == "success" else "firing",
            source=place,
            branch=branch,
            fingerprint=f"github.workflow_run:{place}:{own}:{branch}",
            about={"repository": place, "workflow": name, "event": run.get("event")},
            facts=_run_facts(run),
            links=[
                ("Open run", run.get("html_url")),
                ("Commit", _commit(value, run.get("head_sha"))),
            ],
            data={"run": line(run.get("id"), 40), "conclusion": conclusion},
            at=happened(run.get("updated_at")),
        )
    ]


def _run_facts(run: Fields) -> list[Named]:
    actor = mapping(run.get("triggering_actor") or run.get("actor"))
    began, ended = happened(run.get("run_started_at")), happened(run.get("updated_at"))
    took = round((ended - began).total_seconds()) if ended and began else 0
    return [
        ("Commit", line(run.get("head_sha"), 200)[:7]),
        ("By", actor.get("login")),
        ("Trigger", line(run.get("event"), 60).replace("_", " ")),
        ("Took", duration(took)),
        ("Attempt", run.get("run_attempt")),
    ]


def deployment_status(value: Fields, usual: Severity) -> list[Event] | str:
    """A failed deployment is a problem of its environment, which the next good one
    ends. That one is a notice besides."""
    place = repository(value)
    status = an_object(value.get("deployment_status"), "deployment_status")
    told = mapping(value.get("deployment"))
    outcome = a_text(status.get("state"), "deployment_status.state")
    state = _DEPLOYED.get(outcome)
    if state is None:
        return f"a deployment that is {line(outcome, 40)} is not told"
    where = line(status.get("environment"), 100) or line(told.get("environment"), 100)
    where = where or "its environment"
    said = "could not be deployed" if state == "firing" else "is deployed"
    problem = draft(
        "github.deployment",
        f"{place} {said} to {where}",
        message=status.get("description"),
        severity=usual,
        state=state,
        source=place,
        branch=where,
        fingerprint=f"github.deployment:{place}:{where}",
        about={"repository": place, "environment": where},
        facts=[
            ("Version", told.get("ref")),
            ("Commit", line(told.get("sha"), 200)[:7]),
            ("By", mapping(told.get("creator")).get("login")),
        ],
        links=[
            ("Open log", status.get("log_url") or status.get("target_url")),
            ("Open site", status.get("environment_url")),
            ("Commit", _commit(value, told.get("sha"))),
        ],
        data={"deployment": line(told.get("id"), 40)},
        at=happened(status.get("updated_at")),
    )
    if state == "firing":
        return [problem]
    return [problem, problem.model_copy(update={"state": None, "fingerprint": ""})]


def release(value: Fields, _: Severity) -> list[Event] | str:
    """A release that people can get now."""
    if value.get("action") != "published":
        return "only releases that are published are told"
    place = repository(value)
    told = an_object(value.get("release"), "release")
    tag = a_text(told.get("tag_name"), "release.tag_name")
    early = " (pre-release)" if told.get("prerelease") is True else ""
    name = line(told.get("name"), 120)
    return [
        draft(
            "github.release",
            f"{place} {line(tag, 80)} is released{early}",
            message=text(told.get("body"), 1500),
            markdown=True,
            severity=Severity.INFO,
            source=place,
            about={"repository": place, "tag": tag},
            facts=[
                ("Name", "" if name == tag else name),
                ("By", mapping(told.get("author")).get("login")),
            ],
            links=[("Open release", told.get("html_url"))],
            at=happened(told.get("published_at")),
        )
    ]


def push(value: Fields, _: Severity) -> list[Event] | str:
    """Commits that arrived on the default branch."""
    place = repository(value)
    ref = a_text(value.get("ref"), "ref")
    branch = ref.removeprefix("refs/heads/")
    if ref != f"refs/heads/{default_branch(value)}" or value.get("deleted") is True:
        return "only pushes to the default branch are told"
    commits = [mapping(each) for each in sequence(value.get("commits"))]
    count = f"{len(commits):,} commit{'' if len(commits) == 1 else 's'}"
    subjects = [
        f"{line(each.get('id'), 200)[:7]} {_subject(each.get('message'))[:120]}"
        for each in commits[:COMMITS]
    ]
    if len(commits) > COMMITS:
        subjects.append(f"… and {len(commits) - COMMITS:,} more")
    by = mapping(value.get("pusher")).get("name")
    forced = " (forced)" if value.get("forced") is True else ""
    return [
        draft(
            "github.push",
            f"{place}: {count} pushed to {line(branch, 80)}{forced}",
            message="\n".join(subjects),
            severity=Severity.INFO,
            source=place,
            branch=branch,
            about={"repository": place},
            facts=[("By", by)],
            links=[("Compare", value.get("compare"))],
            at=happened(mapping(value.get("head_commit")).get("timestamp")),
        )
    ]


def _subject(message: JsonValue) -> str:
    """The first line of a commit's message."""
    return text(message, 2000).partition("\n")[0]


def _commit(value: Fields, sha: JsonValue) -> str:
    home = line(mapping(value.get("repository")).get("html_url"), 500)
    told = line(sha, 64)
    return f"{home}/commit/{told}" if home and told.isalnum() else ""
