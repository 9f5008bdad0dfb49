"""What the README shows works as it stands there."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.server import ROOT, running_server

README = (ROOT / "README.md").read_text()


def block(language: str, containing: str) -> str:
    """The code block in a language that contains a text."""
    blocks: list[str] = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    (found,) = (text for text in blocks if containing in text)
    return found


async def test_upload_query_and_subscription_do_what_the_readme_says(tmp_path: Path) -> None:
    """The four examples, one after the other, against a real server."""
    photo = (ROOT / "static" / "client" / "sample.jpg").read_bytes()
    (tmp_path / "photo.jpg").write_bytes(photo)
    async with running_server(tmp_path / "data") as server:
        command = block("sh", "uploadImage").replace("http://127.0.0.1:8000", server.url)
        curl = await asyncio.create_subprocess_shell(
            command.replace("curl ", "curl --silent --show-error --fail ", 1),
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
        )
        output, _ = await curl.communicate()
        uploaded = json.loads(output)["data"]["uploadImage"]
        assert uploaded["userErrors"] == []
        assert not uploaded["duplicate"]

        states = []
        subscription = block("graphql", "renditionSettled")
        async with aclosing(server.subscribe(subscription, after=uploaded["position"])) as messages:
            async for message in messages:
                states.append(message["renditionSettled"]["rendition"]["state"])
                if len(states) == 2:
                    break
        assert states == ["READY", "READY"]

        found = await server.query(block("graphql", "orderBy"))
        (image,) = found["images"]["nodes"]
        assert image["id"] == uploaded["image"]["id"]
        assert image["rendition"]["state"] == "READY"

        then = datetime.now(UTC).isoformat()
        edited = await server.query(block("graphql", "appendSteps"), id=image["id"])
        steps = edited["appendSteps"]["image"]["recipe"]["steps"]
        assert [step["operation"] for step in steps] == ["grayscale"]
        assert edited["undoImage"]["image"] == {"version": 3, "recipe": {"steps": []}}
        tagging = (await server.query(block("graphql", "tagImages")))["tagImages"]
        assert (tagging["operation"]["total"], tagging["userErrors"]) == (1, [])
        past = (await server.query(block("graphql", "asOf: { time"), id=image["id"], then=then))["image"]
        assert (past["tags"], past["history"]["totalCount"]) == (["holiday"], 1)

        added = (await server.query(block("graphql", "addWebhook")))["addWebhook"]
        assert added["userErrors"] == []
        assert added["secret"].startswith("whsec_")


@pytest.mark.parametrize("link", re.findall(r"\]\(((?!http)[^)]+)\)", README))
def test_links_of_the_readme_lead_somewhere(link: str) -> None:
    """Every file that it names is there."""
    assert (ROOT / link).exists()
