"""What README and guide show works as it stands there."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.server import ROOT, Data, running_server

README = (ROOT / "README.md").read_text()
GUIDE = (ROOT / "GUIDE.md").read_text()
KEY = "k" * 32


def block(language: str, containing: str) -> str:
    """The code block in a language that contains a text."""
    blocks: list[str] = re.findall(rf"```{language}\n(.*?)```", README + GUIDE, re.DOTALL)
    (found,) = (text for text in blocks if containing in text)
    return found


async def test_upload_query_and_subscription_do_what_the_readme_says(tmp_path: Path) -> None:
    """The examples of changes and of the past, one after the other, against a real server."""
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
        edited = await server.query(block("graphql", "undoImage"), id=image["id"])
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


async def test_the_pictures_of_the_guide_are_made(tmp_path: Path) -> None:
    """Renditions, presets, regions, pictures on demand and what is found in an original."""
    photo = (ROOT / "static" / "client" / "sample.jpg").read_bytes()
    async with running_server(tmp_path / "data", transforms="signed", url_keys=KEY) as server:
        image_id = (await server.upload(photo, "photo.jpg"))["image"]["id"]

        asked = (await server.query(block("graphql", "requestRendition"), id=image_id))["requestRendition"]
        assert asked["userErrors"] == []
        assert asked["rendition"]["state"] in {"PENDING", "RENDERING", "READY"}
        saved = (await server.query(block("graphql", "savePreset")))["savePreset"]
        assert saved == {"preset": {"name": "web", "version": 1}, "userErrors": []}
        edited = (await server.query(block("graphql", "pixelate"), id=image_id))["appendSteps"]
        assert edited["userErrors"] == []
        assert [step["operation"] for step in edited["image"]["recipe"]["steps"]] == [
            "pixelate",
            "brightness",
        ]

        urls = (await server.query(block("graphql", "srcSet"), id=image_id))["image"]
        code: dict[str, str] = {"key": KEY, "image_id": image_id}
        exec(block("python", "transform_url"), code)  # noqa: S102  (our own)
        preset = f"/images/{image_id}/web"
        for url in (urls["preview"], urls["trial"], urls["responsive"]["src"], preset, code["url"]):
            picture = await server.http.get(url)
            assert picture.status_code == 200, picture.text
            assert picture.headers["content-type"] == "image/jpeg"

        image: Data = {"examined": False}
        async with asyncio.timeout(30):
            while not image["examined"]:
                found = await server.query(block("graphql", "nearDuplicates"), id=image_id)
                image = found["image"]
        assert image["placeholder"]
        assert sum(image["histogram"]["luminance"]) == 50 * 50
        assert (image["samePixels"], image["location"], found["nearDuplicates"]) == ([], None, [])


@pytest.mark.parametrize("link", re.findall(r"\]\(((?!http)[^)]+)\)", README + GUIDE))
def test_links_lead_somewhere(link: str) -> None:
    """Every file that is named is there, and every heading of the guide."""
    file, _, anchor = link.partition("#")
    assert (ROOT / file).exists()
    headings = {
        re.sub(r"[^\w -]", "", title).lower() for title in re.findall(r"^## (.+)$", GUIDE, re.MULTILINE)
    }
    assert not anchor or anchor in {heading.replace(" ", "-") for heading in headings}
