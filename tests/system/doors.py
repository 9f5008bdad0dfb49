"""Wrong requests of every kind, and what each is answered: the tables of `test_doors`."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple
from urllib.parse import quote

import httpx

from domain.cursor import ForeignCursor
from domain.errors import (
    DamagedFile,
    FileEmpty,
    FileTooLarge,
    ImageTooLarge,
    InvalidCursor,
    InvalidInput,
    NotFound,
    UnknownName,
    UnsupportedType,
)
from tests.crash.pictures import Pictures
from tests.nasty import gif, png
from tests.server import FORM_HEADERS, FORM_TYPE, UPLOAD, Client, Part, form, upload_parts

PICTURES: Final = Pictures(7)
PICTURE: Final = PICTURES.make(0)
JSON: Final = {"Content-Type": "application/json"}
UNKNOWN_ID: Final = f"img_{'0' * 32}"
LARGEST_UPLOAD: Final = 1024 * 1024


class Outcome(NamedTuple):
    status: int
    code: str


@dataclass(frozen=True)
class Door:
    """One wrong request, and what it has to be answered."""

    ask: Callable[[Client], Awaitable[httpx.Response]]
    expected: Outcome


def outcome(answer: httpx.Response) -> Outcome:
    """The code stands in the errors of GraphQL, among the user errors of a payload, or by itself."""
    body = answer.json()
    if "code" in body:
        return Outcome(answer.status_code, body["code"])
    if "errors" in body:
        return Outcome(answer.status_code, body["errors"][0]["extensions"]["code"])
    (payload,) = body["data"].values()
    return Outcome(answer.status_code, payload["userErrors"][0]["code"])


# -- ways to ask


def upload(content: bytes, name: str = "photo.jpg", *, code: str, **wanted: object) -> Door:
    """A well-formed upload of what is not taken."""
    return sent(form(*upload_parts(content, name, wanted)), 200, code)


def sent(body: bytes, status: int, code: str, headers: Mapping[str, str] = FORM_HEADERS) -> Door:
    return Door(lambda client: client.post(body, headers), Outcome(status, code))


def parts(*given: Part, status: int = 400, code: str) -> Door:
    return sent(form(*given), status, code)


def asked(document: str, code: str, **variables: object) -> Door:
    """A well-formed request. Clients of `application/json` are told 200 with errors."""
    body = json.dumps({"query": document, "variables": variables}).encode()
    return sent(body, 200, code, JSON)


def changed(mutation: str, code: str, **wanted: object) -> Door:
    """`describeImage` and so on, with an input that is not taken."""
    kind = f"{mutation[0].upper()}{mutation[1:]}Input"
    document = f"mutation ($input: {kind}!) {{ {mutation}(input: $input) {{ userErrors {{ code }} }} }}"
    return asked(document, code, input=wanted)


def request(method: str, path: str, status: int, code: str, headers: Mapping[str, str] | None = None) -> Door:
    return Door(lambda client: client.http.request(method, path, headers=headers), Outcome(status, code))


def listed(code: str, **arguments: object) -> Door:
    """A page of images that nobody can be given."""
    names = {"first": "Int", "last": "Int", "after": "String", "before": "String"}
    declared = ", ".join(f"${name}: {names[name]}" for name in arguments)
    passed = ", ".join(f"{name}: ${name}" for name in arguments)
    return asked(f"query ({declared}) {{ images({passed}) {{ asOf }} }}", code, **arguments)


def list_cursor(*value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


def store_of(cursor: str) -> tuple[str, int]:
    """The store and the position that a cursor of the log names."""
    _, store_id, _, position = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().split(".")
    return store_id, int(position)


def log_cursor(store_id: str, position: int) -> str:
    return base64.urlsafe_b64encode(f"1.{store_id}.0.{position}".encode()).decode().rstrip("=")


# -- the tables

FILES: Final = {
    "text": upload(b"Dear Sir or Madam,", code=UnsupportedType.code),
    "nothing": upload(b"", code=FileEmpty.code),
    "half a picture": upload(PICTURE[: len(PICTURE) // 2], code=DamagedFile.code),
    "a GIF whose screen lies": upload(gif.picture((65535, 65535)), code=ImageTooLarge.code),
    "a PNG of ten gigapixels": upload(
        png.SIGNATURE + png.header(100_000, 100_000) + png.END, code=ImageTooLarge.code
    ),
    "a script called a picture": upload(b"<script>alert(1)</script>", code=UnsupportedType.code),
    "more bytes than are taken": sent(
        form(*upload_parts(PICTURE + bytes(LARGEST_UPLOAD), "photo.jpg", {})), 413, FileTooLarge.code
    ),
    "a name without end": upload(PICTURE, "x" * 256, code=InvalidInput.code),
    "a description without end": upload(PICTURE, description="x" * 10_001, code=InvalidInput.code),
    "too many tags": upload(PICTURE, tags=[str(number) for number in range(101)], code=InvalidInput.code),
    "an empty tag": upload(PICTURE, tags=[" "], code=InvalidInput.code),
    "an unknown preset": upload(PICTURE, presets=["thumbnial"], code=UnknownName.code),
    "an empty command id": upload(PICTURE, commandId="", code=InvalidInput.code),
    "a command id without end": upload(PICTURE, commandId="x" * 201, code=InvalidInput.code),
}

FILE: Final = Part("file", PICTURE, "photo.jpg")
MANY: Final = [str(number) for number in range(21)]


def operations(**variables: object) -> Part:
    return Part("operations", json.dumps({"query": UPLOAD, "variables": variables}).encode())


def mapped(**paths: list[str]) -> Part:
    return Part("map", json.dumps(paths).encode())


def many_files(count: int) -> list[Part]:
    """A form with so many files, each with its place."""
    names = MANY[:count]
    places = {name: [f"variables.more.{name}"] for name in names}
    files = [Part(name, PICTURE, "photo.jpg") for name in names]
    return [operations(input={"file": None}, more=[None] * count), mapped(**places), *files]


OPERATIONS: Final = operations(input={"file": None})
MAP: Final = mapped(file=["variables.input.file"])

FORMS: Final = {
    "no parts": parts(code="MULTIPART_OPERATIONS_MISSING"),
    "no map": parts(OPERATIONS, FILE, code="MULTIPART_MAP_MISSING"),
    "the map before the operations": parts(MAP, OPERATIONS, FILE, code="MULTIPART_OPERATIONS_MISSING"),
    "a map that is no JSON": parts(OPERATIONS, Part("map", b"{"), FILE, code="MULTIPART_MAP_INVALID"),
    "a map that leads nowhere": parts(
        OPERATIONS, mapped(file=["variables.input.fiel"]), FILE, code="MULTIPART_MAP_INVALID"
    ),
    "a map that leads out of the variables": parts(
        OPERATIONS, mapped(file=["query"]), FILE, code="MULTIPART_MAP_INVALID"
    ),
    "a map that names a place twice": parts(
        OPERATIONS, mapped(file=["variables.input.file"] * 2), FILE, code="MULTIPART_MAP_INVALID"
    ),
    "too many places": parts(*many_files(21), code="MULTIPART_MAP_INVALID"),
    "too many parts": parts(*many_files(20), FILE, status=413, code="MULTIPART_TOO_MANY_PARTS"),
    "a file that is not in the map": parts(
        OPERATIONS, MAP, FILE._replace(name="other"), code="MULTIPART_FILE_UNEXPECTED"
    ),
    "a file sent twice": parts(OPERATIONS, MAP, FILE, FILE, code="MULTIPART_FILE_UNEXPECTED"),
    "a file without a name": parts(
        OPERATIONS, MAP, FILE._replace(filename=None), code="MULTIPART_FILE_UNEXPECTED"
    ),
    "a file that does not come": parts(OPERATIONS, MAP, code="MULTIPART_FILE_MISSING"),
    "operations that are no JSON": parts(Part("operations", b"{"), MAP, FILE, code="BAD_REQUEST"),
    "operations without end": parts(
        Part("operations", b" " * 2 * 1024 * 1024), MAP, FILE, status=413, code="BODY_TOO_LARGE"
    ),
    "several operations": parts(Part("operations", b"[]"), MAP, FILE, code="BATCHING_NOT_SUPPORTED"),
    "a body that ends too early": sent(form(OPERATIONS, MAP, FILE)[:-40], 400, "MULTIPART_MALFORMED"),
    "a body that is no form": sent(b"file=x", 400, "MULTIPART_MALFORMED"),
    "no boundary": sent(
        form(OPERATIONS, MAP, FILE),
        400,
        "MULTIPART_MALFORMED",
        FORM_HEADERS | {"Content-Type": "multipart/form-data"},
    ),
    "no preflight": sent(form(OPERATIONS, MAP, FILE), 403, "PREFLIGHT_REQUIRED", FORM_TYPE),
    "a page of another site": sent(
        form(OPERATIONS, MAP, FILE), 403, "PREFLIGHT_REQUIRED", FORM_TYPE | {"Origin": "http://elsewhere"}
    ),
    "a file in JSON": asked(UPLOAD, "BAD_VARIABLES", input={"file": "x"}),
}

REQUESTS: Final = {
    "no JSON": sent(b"{", 400, "BAD_REQUEST", JSON),
    "nothing": sent(b"", 400, "BAD_REQUEST", JSON),
    "a number": sent(b"1", 400, "BAD_REQUEST", JSON),
    "null": sent(b"null", 400, "BAD_REQUEST", JSON),
    "no UTF-8": sent(b'{"query": "{ \xff }"}', 400, "BAD_REQUEST", JSON),
    "JSON of a hundred thousand floors": sent(b"[" * 100_000, 400, "BATCHING_NOT_SUPPORTED", JSON),
    "variables of a hundred thousand floors": sent(
        b'{"query": "{ images { asOf } }", "variables": {"x": ' + b"[" * 100_000, 400, "BAD_REQUEST", JSON
    ),
    "variables that are a list": sent(b'{"query": "{ a }", "variables": []}', 400, "BAD_REQUEST", JSON),
    "a batch": sent(b"[]", 400, "BATCHING_NOT_SUPPORTED", JSON),
    "a body without end": sent(b" " * 2 * LARGEST_UPLOAD, 413, "BODY_TOO_LARGE", JSON),
    "a body of text": sent(b"{ images }", 415, "UNSUPPORTED_MEDIA_TYPE", {"Content-Type": "text/plain"}),
    "a packed body": sent(
        gzip.compress(b"{}"), 415, "UNSUPPORTED_MEDIA_TYPE", JSON | {"Content-Encoding": "gzip"}
    ),
    "an answer that is a picture": sent(b"{}", 406, "NOT_ACCEPTABLE", JSON | {"Accept": "image/png"}),
    "no GraphQL": asked("images?", "GRAPHQL_PARSE_FAILED"),
    "a field that is not there": asked("{ imagse { asOf } }", "GRAPHQL_VALIDATION_FAILED"),
    "a document too deep": asked("{ images " + "{ nodes " * 13 + "}" * 14, "QUERY_TOO_DEEP"),
    "a page of the wrong type": asked(
        "query ($first: Int) { images(first: $first) { asOf } }", "BAD_VARIABLES", first="many"
    ),
    "a subscription by POST": asked("subscription { events { cursor } }", "SUBSCRIPTION_NOT_SUPPORTED"),
    "a mutation by GET": request(
        "GET",
        "/graphql?query=" + quote('mutation { deleteImage(input: {id: "x"}) { position } }'),
        405,
        "METHOD_NOT_ALLOWED",
    ),
    "GET without a query": request("GET", "/graphql", 400, "BAD_REQUEST", {"Accept": "application/json"}),
    "PUT": request("PUT", "/graphql", 405, "METHOD_NOT_ALLOWED"),
    "an unknown host": request("GET", "/graphql", 421, "UNKNOWN_HOST", {"Host": "elsewhere.example"}),
    "an unknown host for a page": request("GET", "/", 421, "UNKNOWN_HOST", {"Host": "elsewhere.example"}),
}

IMAGES: Final = {
    "an id that is none": asked('{ image(id: "7") { id } }', "INVALID_ID"),
    "a node that is none": asked('{ node(id: "7") { id } }', "INVALID_ID"),
    "no pictures": listed(InvalidInput.code, first=0),
    "less than no pictures": listed(InvalidInput.code, last=-1),
    "too many pictures": listed(InvalidInput.code, first=101),
    "the first and the last": listed(InvalidInput.code, first=1, last=1),
    "a cursor that is none": listed(InvalidCursor.code, after="x"),
    "a cursor of the log": listed(InvalidCursor.code, after=log_cursor("00000000", 1)),
    "a cursor of another order": listed(InvalidCursor.code, before=list_cursor("name", "beach", 1)),
    "a forged cursor": listed(InvalidCursor.code, after=list_cursor("uploaded_at", "1; DROP TABLE", 1)),
    "a cursor beyond numbers": listed(InvalidCursor.code, after=list_cursor("uploaded_at", 2**63, 1)),
    "a moment without a day": asked(
        '{ images(filter: {uploadedAt: {lt: "noon"}}) { asOf } }', "GRAPHQL_VALIDATION_FAILED"
    ),
    "an unknown media type": asked(
        '{ images(filter: {mediaType: ["image/jpg"]}) { asOf } }', UnknownName.code
    ),
    "a change to an id that is none": changed("describeImage", "INVALID_ID", id="7"),
    "a change to nothing": changed("describeImage", NotFound.code, id=UNKNOWN_ID, name="x"),
    "a deletion of nothing": changed("deleteImage", NotFound.code, id=UNKNOWN_ID),
    "a restoration of nothing": changed("restoreImage", NotFound.code, id=UNKNOWN_ID),
    "a change without an id": changed("describeImage", "BAD_VARIABLES", name="x"),
    "an address that there is not": request("GET", "/nowhere", 404, NotFound.code),
    "a page by POST": request("POST", "/", 405, "METHOD_NOT_ALLOWED"),
    "a file of pages that is not there": request("GET", "/static/client/nothing.js", 404, NotFound.code),
    "a preset of no image": request("GET", f"/images/{UNKNOWN_ID}/thumbnail", 404, NotFound.code),
    "a preset of what is no id": request("GET", "/images/7/thumbnail", 404, NotFound.code),
    "a change of what is not known": changed("describeImage", "BAD_VARIABLES", id=UNKNOWN_ID, colour="x"),
    "an original that is not there": request("GET", f"/originals/{'0' * 32}/{'0' * 64}", 404, NotFound.code),
    "a rendition that is not there": request("GET", "/renditions/x/y.webp", 404, NotFound.code),
    "a way out of the originals": request("GET", "/originals/..%2f..%2flog.db", 404, NotFound.code),
    "a file by POST": request("POST", f"/originals/{'0' * 32}/{'0' * 64}", 405, "METHOD_NOT_ALLOWED"),
}

SEPIA: Final[dict[str, object]] = {"sepia": {}}
LASSO: Final = [{"x": 0, "y": 0}, {"x": 20, "y": 0}, {"x": 20, "y": 20}]

STEPS: Final[Mapping[str, list[dict[str, object]]]] = {
    "a negative width": [{"resize": {"width": -5}}],
    "a picture too large to be made": [{"resize": {"width": 32_768, "height": 32_768}}],
    "no size at all": [{"resize": {}}],
    "a sigma beyond its bounds": [{"gaussianBlur": {"sigma": 1e9}}],
    "a colour that is none": [{"redact": {"color": "red"}}],
    "a text of nothing": [{"watermark": {"text": ""}}],
    "a crop beside the picture": [{"crop": {"x": 30_000, "y": 0, "width": 10, "height": 10}}],
    "a step too many": [SEPIA] * 101,
    "ten thousand steps": [SEPIA] * 10_000,
    "a region of nothing": [{"blur": {"region": {"rectangle": {"x": 1, "y": 1, "width": 0, "height": 5}}}}],
    "a region beside the picture": [
        {"blur": {"region": {"rectangle": {"x": -9, "y": 1, "width": 5, "height": 5}}}}
    ],
    "a region with an infinite edge": [
        {"blur": {"region": {"rectangle": {"x": 1, "y": 1, "width": 5, "height": 5, "feather": 1e300}}}}
    ],
    "a lasso of no points": [{"blur": {"region": {"polygon": {"points": []}}}}],
    "a lasso of two points": [{"blur": {"region": {"polygon": {"points": LASSO[:2]}}}}],
    "a lasso that is a line": [{"blur": {"region": {"polygon": {"points": [*LASSO[:2], {"x": 9, "y": 0}]}}}}],
    "a lasso of too many points": [{"blur": {"region": {"polygon": {"points": LASSO * 334}}}}],
}
"""What is wrong with steps however they come: INVALID_INPUT, or of too many, TOO_MANY_VALUES."""

FIELDS: Final = {
    "a preview of no width": "preview(width: 0)",
    "a preview too wide": "preview(width: 4097)",
    "no widths": "responsive(widths: []) { src }",
    "a negative width": "responsive(widths: [-5]) { src }",
    "a URL that expires before it is told": "transformUrl(expiresIn: 0)",
    "a URL for longer than is signed": "transformUrl(expiresIn: 2000000000)",
    "AVIF while somebody waits": "transformUrl(output: { format: AVIF })",
    "a quality beyond its bounds": "transformUrl(output: { quality: 101 })",
    "a largest side of nothing": "transformUrl(output: { largest: 0 })",
    "a background that is no colour": 'transformUrl(output: { background: "white" })',
    "a histogram of nothing": (
        "histogram(region: { rectangle: { x: 0, y: 0, width: 0, height: 5 } }) { luminance }"
    ),
    "a histogram after steps that are not there": "histogram(afterSteps: 9) { luminance }",
    "no page of the same pixels": "samePixels(first: 0) { id }",
}
"""Fields of an image that cannot be given: INVALID_INPUT."""

CURSORS: Final = {
    "no cursor": ("x", InvalidCursor.code),
    "nothing": ("", InvalidCursor.code),
    "a cursor of a list": (list_cursor("uploaded_at", 1, 1), InvalidCursor.code),
    "a cursor of another store": (log_cursor("00000000", 1), ForeignCursor.code),
}

NAMES: Final = {
    "../x": "x",
    "../../etc/passwd": "passwd",
    "C:\\pictures\\x.jpg": "x.jpg",
    "/": "untitled",
    "..": "untitled",
    "": "untitled",
    "x$(y).png": "x$(y).png",
    "`reboot`; rm -rf ~ | x.jpg": "`reboot`; rm -rf ~ | x.jpg",
    "%2e%2e%2fx": "%2e%2e%2fx",
    "<script>alert(1)</script>": "script>",
    'a "quoted" name.jpg': 'a "quoted" name.jpg',
    "two\r\nlines.jpg": "twolines.jpg",
    "CON": "CON",
    "-rf": "-rf",
    ".hidden": ".hidden",
    "фото.jpg": "фото.jpg",
    "写真.jpg": "写真.jpg",
    "صورة.jpg": "صورة.jpg",
    "תמונה.jpg": "תמונה.jpg",
    "चित्र.jpg": "चित्र.jpg",
    "🏔️👩‍🚀.jpg": "🏔️👩‍🚀.jpg",
    "cafe\u0301.jpg": "café.jpg",
    "photo\u202egpj.exe": "photogpj.exe",
    "half a \ud83d.jpg": "half a \ufffd\ufffd\ufffd.jpg",
    "x" * 255: "x" * 255,
}
"""File names as clients send them, and as they are shown."""
