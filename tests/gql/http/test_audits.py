"""The audits of the npm package graphql-http 1.23.1, by their ids."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlencode

import pytest

from tests.gql.http.toy import GRAPHQL, Bench

JSON = "application/json"
RUN = "query Run { __typename }"
TYPE = "query Type($name: String!) { __type(name: $name) { name } }"
COERCE = "query CoerceFailure($id: ID!) { __typename }"
INVALID = [{"obj": "ect"}, 0, False, ["array"]]
NO_MAP = ["string", 0, False, ["array"]]


@dataclass
class Audit:
    id: str
    body: dict[str, object] | str | None
    accept: str | None = None
    status: tuple[int, ...] = (200,)
    content_type: str | None = JSON
    method: Literal["GET", "POST"] = "POST"
    answer: str | None = None
    data: bool = True
    headers: dict[str, str] = field(default_factory=dict)


CLIENT_ERROR = tuple(range(400, 500))
AUDITS = [
    Audit("22EB", {"query": RUN}, GRAPHQL, answer=GRAPHQL),
    Audit("4655", {"query": RUN}, JSON, answer=JSON),
    Audit("47DE", {"query": RUN}, "*/*", answer=JSON),
    Audit("80D8", {"query": RUN}, answer=JSON),
    Audit("82A3", {"query": RUN}),
    Audit(
        "BF61", {"query": '{ __type(name: "Run🏃Swim🏊") { name } }'}, content_type=f"{JSON}; charset=utf-8"
    ),
    Audit("78D5", {"query": RUN}),
    Audit("2C94", {"query": RUN}),
    Audit("5A70", {"query": RUN}, method="GET"),
    Audit("9C48", {"query": "mutation { __typename }"}, GRAPHQL, CLIENT_ERROR, method="GET"),
    Audit("9ABE", {"query": RUN}, None, CLIENT_ERROR, content_type=None),
    Audit("03D4", {"query": RUN}),
    Audit("A5BF", None, status=(400,)),
    Audit("423L", {"notquery": RUN}, GRAPHQL, (400,)),
    *(Audit(f"LKJ{n}", {"query": value}, status=(400,)) for n, value in enumerate(INVALID)),
    Audit("34A2", {"query": RUN}, GRAPHQL),
    Audit("13EE", {"query": RUN}, JSON),
    *(
        Audit(f"6C0{n}", {"query": RUN, "operationName": value}, status=(400,))
        for n, value in enumerate(INVALID)
    ),
    Audit("8161", {"query": RUN, "operationName": "Run"}, GRAPHQL),
    Audit("B8B3", {"query": RUN, "operationName": "Run"}, JSON),
    *(
        Audit(f"{id_}{n}", {"query": RUN, name: None}, accept)
        for n, name in enumerate(["variables", "operationName", "extensions"])
        for id_, accept in [("94B", GRAPHQL), ("022", JSON)]
    ),
    *(Audit(f"476{n}", {"query": RUN, "variables": value}, status=(400,)) for n, value in enumerate(NO_MAP)),
    Audit("2EA1", {"query": TYPE, "variables": {"name": "sometype"}}, GRAPHQL),
    Audit("28B9", {"query": TYPE, "variables": {"name": "sometype"}}, JSON),
    Audit("D6D5", {"query": TYPE, "variables": '{"name":"sometype"}'}, GRAPHQL, method="GET"),
    Audit("6A70", {"query": TYPE, "variables": '{"name":"sometype"}'}, JSON, method="GET"),
    *(Audit(f"58B{n}", {"query": RUN, "extensions": value}, status=(400,)) for n, value in enumerate(NO_MAP)),
    Audit("428F", {"query": RUN, "extensions": {"some": "value"}}, GRAPHQL),
    Audit("1B7A", {"query": RUN, "extensions": {"some": "value"}}, JSON),
    Audit("B6DC", '{ "not a JSON', JSON, (400,)),
    Audit("BCF8", '{ "not a JSON', JSON, (400,)),
    Audit("B7N8", '{ "not a JSON', GRAPHQL, (400,)),
    Audit("8764", {"qeury": RUN}, status=(400,)),
    Audit("3E3A", {"qeury": RUN}, status=(400,)),
    Audit("572B", {"query": "{"}, JSON, data=False),
    Audit("FDE2", {"query": "{ 8f31403dfe404bccbb0e835f2629c6a7 }"}, JSON, data=False),
    Audit("7B9B", {"query": COERCE, "variables": {"id": None}}, JSON, data=False),
    Audit("865D", {"query": "{"}, GRAPHQL, (400,)),
    Audit("556A", {"query": "{"}, GRAPHQL, (400,)),
    Audit("D586", {"query": "{"}, GRAPHQL, (400,)),
    Audit("51FE", {"query": "{ a8f31403dfe404bccbb0e835f2629c6a7 }"}, GRAPHQL, (400,)),
    Audit("74FF", {"query": "{ a8f31403dfe404bccbb0e835f2629c6a7 }"}, GRAPHQL, (400,)),
    Audit("5E5B", {"query": "{ a8f31403dfe404bccbb0e835f2629c6a7 }"}, GRAPHQL, (400,)),
    Audit("86EE", {"query": COERCE, "variables": {"id": None}}, GRAPHQL, (400,)),
]


def test_all_of_them_are_here() -> None:
    """61 audits, as in the original."""
    assert len({audit.id for audit in AUDITS}) == len(AUDITS) == 61


@pytest.mark.parametrize("audit", AUDITS, ids=lambda audit: audit.id)
async def test_audit(audit: Audit) -> None:
    """What the audit of this id asks for."""
    headers = {"accept": audit.accept, "content-type": audit.content_type if audit.method == "POST" else None}
    url, content = "/graphql", b""
    if audit.method == "GET":
        url += "?" + urlencode(audit.body if isinstance(audit.body, dict) else {})
    elif audit.body is not None:
        content = (audit.body if isinstance(audit.body, str) else json.dumps(audit.body)).encode()
    async with Bench().client() as client:
        request = client.build_request(audit.method, url, content=content)
        request.headers.pop("accept")
        request.headers.update({name: value for name, value in headers.items() if value is not None})
        response = await client.send(request)
    answer = response.json()
    assert response.status_code in audit.status
    assert response.headers[
        "content-type"
    ] == f"{audit.answer or audit.accept or JSON}; charset=utf-8".replace("*/*", JSON)
    executed = audit.data and response.status_code == 200
    assert ("data" in answer, "errors" in answer) == (executed, not executed)
