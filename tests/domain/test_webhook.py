"""What may be done to a webhook."""

from __future__ import annotations

from functools import reduce

import pytest

from domain.commands import (
    AddWebhook,
    ChangeWebhook,
    DisableWebhook,
    EnableWebhook,
    Redeliver,
    RemoveWebhook,
    ReplayWebhook,
    WebhookCommand,
)
from domain.errors import Refusal
from domain.events import (
    DisableReason,
    WebhookAdded,
    WebhookChanged,
    WebhookDisabled,
    WebhookEnabled,
    WebhookEvent,
    WebhookRedeliveryRequested,
    WebhookRemoved,
    WebhookReplayRequested,
)
from domain.webhook import DELIVERABLE, Webhook, clean_url, decide, evolve, url_host

ID = "d" * 32
URL = "https://example.org/hook?token=1"
SECRET = "whsec_" + "A" * 43 + "="
ADD = AddWebhook(webhook_id=ID, url=URL, secret=SECRET, types=("RenderingFinished",))
ADDED = WebhookAdded(webhook_id=ID, url=URL, secret=SECRET, types=("RenderingFinished",))
DISABLED = WebhookDisabled(webhook_id=ID, reason=DisableReason.FAILING)
REMOVED = WebhookRemoved(webhook_id=ID)


def after(*happened: WebhookEvent) -> Webhook | None:
    return reduce(evolve, happened[1:], evolve(None, happened[0])) if happened else None


def then(happened: tuple[WebhookEvent, ...], command: WebhookCommand, *expected: WebhookEvent) -> None:
    assert tuple(decide(after(*happened), command)) == expected


def then_refused(happened: tuple[WebhookEvent, ...], command: WebhookCommand, code: str) -> str:
    with pytest.raises(Refusal) as refused:
        decide(after(*happened), command)
    assert refused.value.code == code
    return refused.value.message


def test_a_webhook_is_added_once() -> None:
    """With what it wants to be told."""
    then((), ADD, ADDED)
    then_refused((ADDED,), ADD, "CONFLICT")


def test_only_what_changes_of_a_webhook_is_recorded() -> None:
    """The event tells all that may be changed, as it is from now on."""
    then((ADDED,), ChangeWebhook(webhook_id=ID, url=URL, types=("RenderingFinished",)))
    then(
        (ADDED,),
        ChangeWebhook(webhook_id=ID, description=" CI "),
        WebhookChanged(webhook_id=ID, url=URL, types=ADDED.types, description="CI"),
    )


def test_types_are_known_names() -> None:
    """In one order, each once; an unknown one is refused with the nearest."""
    types = ("RenderingFinished", "ImageUploaded", "ImageUploaded")
    changed = WebhookChanged(webhook_id=ID, url=URL, types=("ImageUploaded", "RenderingFinished"))
    then((ADDED,), ChangeWebhook(webhook_id=ID, types=types), changed)
    told = then_refused((ADDED,), ChangeWebhook(webhook_id=ID, types=("ImageUpload",)), "UNKNOWN_NAME")
    assert "'ImageUploaded'" in told


def test_what_happens_to_webhooks_is_not_delivered() -> None:
    """Neither when it is asked for nor where everything is."""
    then_refused((), AddWebhook(webhook_id=ID, url=URL, secret="", types=("WebhookAdded",)), "UNKNOWN_NAME")
    everything = after(WebhookAdded(webhook_id=ID, url=URL, types=()))
    assert everything is not None
    assert not everything.wants("WebhookDisabled")
    assert all(
        map(everything.wants, ("ImageUploaded", "OperationFinished", "RenderingFailed", "AlbumCreated"))
    )
    assert not any(name.startswith("Webhook") for name in DELIVERABLE)


def test_a_webhook_is_enabled_and_disabled() -> None:
    """Each where it is not so already."""
    ask = DisableWebhook(webhook_id=ID)
    then((ADDED,), ask, WebhookDisabled(webhook_id=ID, reason=DisableReason.ASKED))
    then((ADDED, DISABLED), ask)
    then((ADDED, DISABLED), EnableWebhook(webhook_id=ID), WebhookEnabled(webhook_id=ID))
    then((ADDED,), EnableWebhook(webhook_id=ID))
    then(
        (ADDED, DISABLED, WebhookEnabled(webhook_id=ID)),
        ask,
        WebhookDisabled(webhook_id=ID, reason=ask.reason),
    )


def test_deliveries_are_repeated_on_request() -> None:
    """One of them where the webhook is enabled; where they go on may be said at any time."""
    again = Redeliver(webhook_id=ID, position=7)
    then((ADDED,), again, WebhookRedeliveryRequested(webhook_id=ID, position=7))
    then_refused((ADDED, DISABLED), again, "CONFLICT")
    replay = ReplayWebhook(webhook_id=ID, after=3)
    then((ADDED, DISABLED), replay, WebhookReplayRequested(webhook_id=ID, after=3))


def test_a_removed_webhook_is_not_there() -> None:
    """As one that never was."""
    then((ADDED,), RemoveWebhook(webhook_id=ID), REMOVED)
    for happened in ((), (ADDED, REMOVED)):
        for command in (EnableWebhook(webhook_id=ID), RemoveWebhook(webhook_id=ID)):
            then_refused(happened, command, "NOT_FOUND")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org",
        "ftp://example.org/",
        "file:///etc/passwd",
        "https://",
        "https:///path",
        "https://user@example.org/",
        "https://:password@example.org/",
        "https://@example.org/",
        "https://example.org:0/",
        "https://example.org:65536/",
        "https://example.org:port/",
        "https://exa mple.org/",
        "https://example.org/ü",
        "https://exämple.org/",
        "https://example.org/\r\nHost: other",
        "https://example.org\\@other.org/",
        "https://example.org/#fragment",
        "https://example.org/#",
        "https://[::1",
        "https://[fe80::1%25eth0]/",
        "https://a%2eb/",
        "https://example.org/" + "x" * 2048,
    ],
)
def test_what_is_no_address_of_a_receiver_is_refused(url: str) -> None:
    """Only http and https, without user names, in ASCII, not endless."""
    then_refused((), AddWebhook(webhook_id=ID, url=url, secret=""), "INVALID_INPUT")
    then_refused((ADDED,), ChangeWebhook(webhook_id=ID, url=url), "INVALID_INPUT")


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://example.org", "example.org"),
        ("HTTP://Example.ORG:65535/a?b=%20", "example.org"),
        ("http://[2606:4700::1]:80/", "2606:4700::1"),
        ("http://xn--bcher-kva.example/", "xn--bcher-kva.example"),
    ],
)
def test_an_address_of_a_receiver_is_kept_as_it_is(url: str, host: str) -> None:
    """Any port and any path."""
    assert clean_url(url) == url
    assert url_host(url) == host
