"""Webhooks asked for and delivered, through the whole server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from gql.app import application
from infrastructure.settings import Settings
from tests.gql.api import Api, Data, picture
from tests.infrastructure.webhooks.receiver import Receiver, receiving, status

SHOWN = """
    fragment Shown on Webhook {
        id url description types enabled disabledBecause version addedBy delivered attempts nextAttemptAt
        deliveries(first: 100) { nodes { position attempt delivered status failure duration } }
    }
"""
ADD = (
    """
    mutation ($input: AddWebhookInput!) {
        addWebhook(input: $input) { webhook { ...Shown } secret position userErrors { code message field } }
    }
"""
    + SHOWN
)
WEBHOOK = "query ($id: ID!) { webhook(id: $id) { ...Shown } }" + SHOWN
CREATE = """
    mutation ($name: String!) {
        createAlbum(input: { name: $name }) { album { id } position userErrors { code } }
    }
"""


@asynccontextmanager
async def serving(folder: Path, *allowed: str) -> AsyncIterator[Api]:
    settings = replace(Settings(), data=folder, threads=1, isolation="thread", webhook_allow=allowed)
    async with (
        application(settings) as app,
        httpx.AsyncClient(transport=httpx.ASGITransport(app.asgi), base_url="http://localhost") as http,
    ):
        yield Api(http)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


async def add(api: Api, url: str, **wanted: object) -> Data:
    payload: Data = (await api.data(ADD, input={"url": url} | wanted))["addWebhook"]
    return payload


async def change(api: Api, mutation: str, /, **given: object) -> Data:
    kind = mutation[0].upper() + mutation[1:] + "Input"
    answer = "webhook { ...Shown } position userErrors { code message field }"
    query = f"mutation ($input: {kind}!) {{ {mutation}(input: $input) {{ {answer} }} }}" + SHOWN
    payload: Data = (await api.data(query, input=given))[mutation]
    return payload


def refusal(payload: Data) -> tuple[str, list[str] | None]:
    (error,) = payload["userErrors"]
    assert payload["webhook"] is payload["position"] is None
    return error["code"], error["field"]


async def happen(api: Api, name: str = "Trip") -> str:
    """The cursor of an album's creation."""
    position: str = (await api.data(CREATE, name=name))["createAlbum"]["position"]
    return position


async def delivered(api: Api, webhook_id: str, position: str) -> Data:
    async with asyncio.timeout(10):
        while True:
            webhook: Data = (await api.data(WEBHOOK, id=webhook_id))["webhook"]
            if webhook["delivered"] == position:
                return webhook
            await asyncio.sleep(0.01)


async def test_an_upload_is_delivered_with_its_renditions(tmp_path: Path, receiver: Receiver) -> None:
    """In the order of the log, signed with the secret that was shown, with ids and cursors of the API."""
    async with serving(tmp_path, "127.0.0.1") as api:
        payload = await add(api, receiver.url, description="CI")
        assert payload["userErrors"] == []
        webhook = payload["webhook"]
        assert (webhook["url"], webhook["description"], webhook["types"]) == (receiver.url, "CI", [])
        assert (webhook["enabled"], webhook["version"], webhook["delivered"]) == (
            True,
            1,
            payload["position"],
        )
        image = (await api.upload(picture(), "secret name.png", presets=["thumbnail"]))["image"]
        received = await receiver.wait_for(6)
        contents = [each.content for each in received]
        assert [content["type"] for content in contents] == [
            "ImageUploaded",
            "RenderingRequested",
            "RenderingStarted",
            "RenderingFinished",
            "ExaminationStarted",
            "ImageExamined",
        ]
        assert {content["imageId"] for content in contents} == {image["id"]}
        assert all(each.is_signed_with(payload["secret"]) for each in received)
        assert not any(b"secret name" in each.body for each in received)
        shown = await delivered(api, webhook["id"], contents[-1]["cursor"])
        assert [each["status"] for each in shown["deliveries"]["nodes"]] == [200] * 6
        node = (await api.data("query ($id: ID!) { node(id: $id) { id } }", id=webhook["id"]))["node"]
        assert node == {"id": webhook["id"]}


async def test_a_repeated_addition_is_one_webhook(tmp_path: Path) -> None:
    """With the same secret."""
    async with serving(tmp_path) as api:
        one = await add(api, "https://example.org/", commandId="c-1")
        two = await add(api, "https://example.org/", commandId="c-1")
        assert (one["webhook"]["id"], one["secret"]) == (two["webhook"]["id"], two["secret"])
        assert len((await api.data("{ webhooks { nodes { id } } }"))["webhooks"]["nodes"]) == 1


async def test_what_is_wrong_with_a_webhook_is_said(tmp_path: Path) -> None:
    """With a code, and the field that it is about."""
    async with serving(tmp_path) as api:
        assert refusal(await add(api, "ftp://example.org/")) == ("INVALID_INPUT", ["url"])
        assert refusal(await add(api, "http://127.0.0.1/")) == ("TARGET_NOT_ALLOWED", ["url"])
        assert refusal(await add(api, "http://[::ffff:10.0.0.1]/")) == ("TARGET_NOT_ALLOWED", ["url"])
        assert refusal(await add(api, "http://127.1/")) == ("INVALID_INPUT", ["url"])
        assert refusal(await add(api, "https://e.org/", types=["Nope"])) == ("UNKNOWN_NAME", ["types"])
        webhook_id = (await add(api, "https://example.org/"))["webhook"]["id"]
        for asked, code, field in (
            ({"id": "whk_" + "0" * 32}, "NOT_FOUND", ["id"]),
            ({"id": "img_" + "0" * 32}, "INVALID_ID", ["id"]),
            ({"id": webhook_id, "url": "http://10.0.0.1/"}, "TARGET_NOT_ALLOWED", ["url"]),
            ({"id": webhook_id, "url": "nonsense"}, "INVALID_INPUT", ["url"]),
            ({"id": webhook_id, "description": "x", "expectedVersion": 7}, "VERSION_CONFLICT", None),
        ):
            assert refusal(await change(api, "changeWebhook", **asked)) == (code, field)
        replay = await change(api, "replayWebhook", id=webhook_id, after="nonsense")
        assert refusal(replay) == ("INVALID_CURSOR", ["after"])
        again = await change(api, "redeliver", id=webhook_id, position="nonsense")
        assert refusal(again) == ("INVALID_CURSOR", ["position"])
        of_itself = (await api.data(WEBHOOK, id=webhook_id))["webhook"]["delivered"]
        again = await change(api, "redeliver", id=webhook_id, position=of_itself)
        assert refusal(again) == ("INVALID_INPUT", ["position"])
        assert await api.codes(WEBHOOK, id="nonsense") == ["INVALID_ID"]
        assert await api.codes('{ webhooks(after: "nonsense") { nodes { id } } }') == ["INVALID_CURSOR"]


async def test_webhooks_are_listed_by_pages(tmp_path: Path) -> None:
    """The oldest first; so are their deliveries, the latest first."""
    async with serving(tmp_path) as api:
        ids = [(await add(api, f"https://example.org/{n}"))["webhook"]["id"] for n in range(5)]
        query = """query ($after: String) { webhooks(first: 2, after: $after) {
            nodes { id } pageInfo { hasNextPage hasPreviousPage endCursor } } }"""
        found, after, pages = [], None, []
        for _ in range(3):
            page = (await api.data(query, after=after))["webhooks"]
            found += [node["id"] for node in page["nodes"]]
            after = page["pageInfo"]["endCursor"]
            pages.append((page["pageInfo"]["hasPreviousPage"], page["pageInfo"]["hasNextPage"]))
    assert found == ids
    assert pages == [(False, True), (True, True), (True, False)]


async def test_deliveries_are_listed_by_pages(tmp_path: Path, receiver: Receiver) -> None:
    """And what was delivered can be sent again by what the list says."""
    async with serving(tmp_path, "127.0.0.1") as api:
        webhook_id = (await add(api, receiver.url))["webhook"]["id"]
        cursors = [await happen(api) for _ in range(5)]
        await delivered(api, webhook_id, cursors[-1])
        query = """query ($id: ID!, $after: String) { webhook(id: $id) { deliveries(first: 2, after: $after) {
            nodes { position } pageInfo { hasNextPage endCursor } } } }"""
        found, after = [], None
        for _ in range(3):
            page = (await api.data(query, id=webhook_id, after=after))["webhook"]["deliveries"]
            found += [node["position"] for node in page["nodes"]]
            after = page["pageInfo"]["endCursor"]
        assert found == cursors[::-1]
        assert not page["pageInfo"]["hasNextPage"]
        payload = await change(api, "redeliver", id=webhook_id, position=found[3])
        assert payload["userErrors"] == []
        received = await receiver.wait_for(6)
        assert received[5].message == received[1].message
        await change(api, "replayWebhook", id=webhook_id, after=cursors[2])
        received = await receiver.wait_for(8)
        assert [each.content["cursor"] for each in received[6:]] == cursors[3:]


async def test_a_webhook_is_changed_disabled_enabled_and_removed(tmp_path: Path, receiver: Receiver) -> None:
    """What is shown is what was done, at once."""
    receiver.answers.append(status(410))
    async with serving(tmp_path, "127.0.0.1") as api:
        webhook_id = (await add(api, receiver.url))["webhook"]["id"]
        changed = await change(api, "changeWebhook", id=webhook_id, types=["AlbumCreated"], description="new")
        assert changed["webhook"]["types"] == ["AlbumCreated"]
        assert (changed["webhook"]["description"], changed["webhook"]["version"]) == ("new", 2)
        disabled = (await change(api, "disableWebhook", id=webhook_id))["webhook"]
        assert (disabled["enabled"], disabled["disabledBecause"]) == (False, "ASKED")
        position = await happen(api)
        enabled = (await change(api, "enableWebhook", id=webhook_id))["webhook"]
        assert (enabled["enabled"], enabled["disabledBecause"]) == (True, None)
        await receiver.wait_for(1)
        async with asyncio.timeout(10):
            while (await api.data(WEBHOOK, id=webhook_id))["webhook"]["disabledBecause"] != "GONE":
                await asyncio.sleep(0.01)
        await change(api, "enableWebhook", id=webhook_id)
        await delivered(api, webhook_id, position)
        removed = await change(api, "removeWebhook", id=webhook_id)
        assert (removed["webhook"], removed["userErrors"]) == (None, [])
        assert (await api.data(WEBHOOK, id=webhook_id))["webhook"] is None


async def test_a_failing_webhook_is_no_reason_to_be_unready(tmp_path: Path, receiver: Receiver) -> None:
    """It is its receiver's affair."""
    receiver.always = status(500)
    async with serving(tmp_path, "127.0.0.1") as api:
        webhook_id = (await add(api, receiver.url))["webhook"]["id"]
        await happen(api)
        async with asyncio.timeout(10):
            while not (await api.data(WEBHOOK, id=webhook_id))["webhook"]["attempts"]:
                await asyncio.sleep(0.01)
        assert (await api.http.get("/health/ready")).status_code == 200


async def test_the_read_model_made_anew_delivers_nothing(tmp_path: Path, receiver: Receiver) -> None:
    """Deliveries are effects, and effects happen once."""
    async with serving(tmp_path, "127.0.0.1") as api:
        webhook_id = (await add(api, receiver.url))["webhook"]["id"]
        for _ in range(3):
            position = await happen(api)
        await delivered(api, webhook_id, position)
    for file in tmp_path.glob("read-*"):
        file.unlink()
    async with serving(tmp_path, "127.0.0.1") as api:
        assert len((await api.data("{ albums { nodes { id } } }"))["albums"]["nodes"]) == 3
        position = await happen(api, "Last")
        await delivered(api, webhook_id, position)
    assert len(receiver.received) == 4


async def test_nothing_of_a_webhook_stands_in_the_clear(tmp_path: Path, receiver: Receiver) -> None:
    """Neither its secret nor the token in its URL, in any file but that of the keys."""
    async with serving(tmp_path, "127.0.0.1") as api:
        payload = await add(api, receiver.url + "?token=t0k3n", description="d3scription")
        await delivered(api, payload["webhook"]["id"], await happen(api))
        files = [
            file for file in tmp_path.rglob("*") if file.is_file() and not file.name.startswith("keys.db")
        ]
        content = b"".join(file.read_bytes() for file in files)
    assert {"log.db", "webhooks.db"} <= {file.name for file in files}
    for personal in (payload["secret"], payload["secret"].removeprefix("whsec_"), "t0k3n", "d3scription"):
        assert personal.encode() not in content


async def test_subscribers_are_not_told_of_webhooks(tmp_path: Path) -> None:
    """What happens to webhooks is shown where webhooks are asked for."""
    async with serving(tmp_path) as api:
        await add(api, "https://example.org/")
        filtered = """subscription { events(filter: { types: ["WebhookAdded"] }) { cursor } }"""
        answer = await api.http.post(
            "/graphql", json={"query": filtered}, headers={"accept": "text/event-stream"}
        )
    assert "UNKNOWN_NAME" in answer.text
