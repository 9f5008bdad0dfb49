"""The whole server in one process, asked over HTTP."""

from __future__ import annotations

import asyncio
from typing import Any

import cv2
import httpx
import numpy as np

from tests.server import FORM_HEADERS, form, upload_parts

Data = dict[str, Any]


def picture(width: int = 64, height: int = 48, shade: int = 0, extension: str = ".png") -> bytes:
    pixels = np.full((height, width, 3), shade, np.uint8)
    pixels[: height // 2] = (255, 128, shade)
    return cv2.imencode(extension, pixels)[1].tobytes()


class Api:
    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def ask(self, query: str, **variables: object) -> Data:
        body = {"query": query, "variables": variables}
        answer: Data = (await self.http.post("/graphql", json=body)).json()
        return answer

    async def data(self, query: str, **variables: object) -> Data:
        answer = await self.ask(query, **variables)
        assert "errors" not in answer, answer
        data: Data = answer["data"]
        return data

    async def codes(self, query: str, **variables: object) -> list[str]:
        return [error["extensions"]["code"] for error in (await self.ask(query, **variables))["errors"]]

    async def upload(self, content: bytes, name: str = "a.png", **wanted: object) -> Data:
        body = form(*upload_parts(content, name, wanted))
        answer = await self.http.post("/graphql", content=body, headers=FORM_HEADERS)
        payload: Data = answer.json()["data"]["uploadImage"]
        return payload

    async def settled(self, image_id: str) -> Data:
        """The image, once none of its renditions is under way."""
        query = """query ($id: ID!) { image(id: $id) { version asOf
            renditions { id preset state url width height byteSize mediaType failure { code message } }
            rendition(preset: "thumbnail") { preset } } }"""
        async with asyncio.timeout(20):
            while True:
                image: Data = (await self.data(query, id=image_id))["image"]
                if all(made["state"] in {"READY", "FAILED"} for made in image["renditions"]):
                    return image
                await asyncio.sleep(0.02)
