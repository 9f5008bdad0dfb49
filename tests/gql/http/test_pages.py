"""The client and GraphiQL are served as they are, with headers that leave nothing open."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from httpx import ASGITransport, AsyncClient
from starlette.applications import Starlette

from gql.http.pages import CLIENT_POLICY, GRAPHIQL_POLICY, STATIC, pages


def serving(static: Path) -> AsyncClient:
    transport = ASGITransport(Starlette(routes=[*pages(static)]))
    return AsyncClient(transport=transport, base_url="http://darkroom")


@pytest.fixture(scope="module")
def client() -> AsyncClient:
    return serving(STATIC)


@pytest.mark.parametrize(
    ("path", "policy"),
    [("/", CLIENT_POLICY), ("/images/img_1", CLIENT_POLICY), ("/graphiql", GRAPHIQL_POLICY)],
)
async def test_pages_are_html_under_their_policy(client: AsyncClient, path: str, policy: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"] == policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("client/main.js", "text/javascript; charset=utf-8"),
        ("client/style/base.css", "text/css; charset=utf-8"),
        ("client/favicon.svg", "image/svg+xml"),
        ("client/sample.jpg", "image/jpeg"),
        ("client/vendor/lit-html/lit-html.js", "text/javascript; charset=utf-8"),
        ("graphiql/vendor/graphiql/graphiql.min.css", "text/css; charset=utf-8"),
    ],
)
async def test_files_have_their_bytes_and_type(client: AsyncClient, path: str, media_type: str) -> None:
    answer = await client.get(f"/static/{path}")
    assert answer.content == (STATIC / path).read_bytes()
    assert answer.headers["content-type"] == media_type
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/", "/graphiql", "/static/client/main.js", "/static/nothing"])
async def test_every_answer_has_the_security_headers(client: AsyncClient, path: str) -> None:
    headers = (await client.get(path)).headers
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["referrer-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/", "/static/client/main.js"])
async def test_what_a_browser_has_is_not_sent_again(client: AsyncClient, path: str) -> None:
    etag = (await client.get(path)).headers["etag"]
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        answer = await client.get(path, headers={"If-None-Match": known})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == etag
    assert (await client.get(path, headers={"If-None-Match": '"other"'})).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/static/client/absent.js",
        "/static/client",
        "/static/client/index.html",
        "/static/client/CREDITS",
        "/static/client/vendor/manifest.json",
        "/static/..%2f..%2fpyproject.toml",
        "/static/client/%2e%2e/%2e%2e/pyproject.toml",
        "/static//etc/passwd",
        "/images",
        "/images/a/b",
    ],
)
async def test_what_is_not_known_by_name_is_not_found(client: AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


@pytest.mark.parametrize("path", ["/", "/graphiql", "/static/client/main.js"])
async def test_pages_are_only_read(client: AsyncClient, path: str) -> None:
    answer = await client.post(path)
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]
    assert (await client.head(path)).status_code == 200


async def test_a_file_without_a_known_type_is_not_served(tmp_path: Path) -> None:
    for part in ("client", "graphiql"):
        (tmp_path / part).mkdir()
        (tmp_path / part / "index.html").write_text("<!doctype html>")
    (tmp_path / "client" / "secret.env").write_text("KEY=1")
    client = await asyncio.to_thread(serving, tmp_path)
    assert (await client.get("/")).status_code == 200
    assert (await client.get("/static/client/secret.env")).status_code == 404
