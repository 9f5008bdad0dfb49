"""`darkroom log`: what it prints, and how it ends."""

from __future__ import annotations

import asyncio
import io
import json
import os
import pty
import subprocess
import sys
import termios
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from domain.cursor import encode_cursor
from domain.events import ImageDeleted, ImageRenamed
from gql.commands import log_events
from infrastructure.sqlite.log_file import open_log
from infrastructure.sqlite.store import open_store
from tests.examples import ACTOR, append, requested, uploaded
from tests.gql.told import Darkroom, Told
from tests.logs import add_row, change_payload
from tests.server import ROOT, environment

FIRST, SECOND = "a" * 32, "b" * 32


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with a log of five events."""

    async def fill() -> None:
        async with open_store(tmp_path / "data") as store:
            await store.log.append(append(f"image-{FIRST}", uploaded(FIRST, name="Grandma\x1b[31m.jpg")))
            await store.log.append(append(f"rendering-{FIRST}", requested(FIRST)))
            await store.log.append(append(f"image-{SECOND}", uploaded(SECOND, name="Beach.jpg")))
            await store.log.append(append(f"image-{FIRST}", ImageRenamed(image_id=FIRST, name="Straße.jpg")))
            await store.log.append(append(f"image-{SECOND}", ImageDeleted(image_id=SECOND)))

    asyncio.run(fill())
    monkeypatch.setenv("DARKROOM_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def cursor(folder: Path, position: int) -> str:
    with open_log(folder) as log:
        return encode_cursor(log.store_id, position)


# -- tail, show, grep, stats


@pytest.mark.usefixtures("folder")
def test_the_last_events_are_printed(darkroom: Darkroom, monkeypatch: pytest.MonkeyPatch) -> None:
    """In their order, personal values opened, and nothing that a terminal would obey."""
    monkeypatch.setattr(log_events, "LAST", 3)
    told = darkroom("log", "tail")
    assert (told.code, told.err) == (0, "")
    assert [line.split()[0] for line in told.out.splitlines()] == ["3", "4", "5"]
    assert "Straße.jpg" in told.out
    assert "\x1b" not in darkroom("log", "tail", "--after", 0).out


def test_events_after_a_place_are_printed(folder: Path, darkroom: Darkroom) -> None:
    """A position or a cursor."""
    for place in (3, cursor(folder, 3)):
        told = darkroom("log", "tail", "--after", place, "--json")
        assert [event["position"] for event in told.lines] == [4, 5]
    first = told.lines[0]
    assert first["event"] == {"image_id": FIRST, "name": "Straße.jpg"}
    assert (first["actor"], first["version"], first["cursor"]) == (ACTOR, 2, cursor(folder, 4))
    assert darkroom("log", "tail", "--after", 5) == Told(0, "", "")


@pytest.mark.parametrize("after", [[], ["--after", 0]])
def test_events_are_filtered(folder: Path, darkroom: Darkroom, after: list[object]) -> None:
    """By type, also one of a newer version, and by image."""
    add_row(folder, "ImagePainted")

    def positions(*filters: str) -> list[int]:
        return [event["position"] for event in darkroom("log", "tail", "--json", *after, *filters).lines]

    assert positions("--type", "ImageUploaded") == [1, 3]
    assert positions("--type", "ImageRenamed", "--type", "ImageDeleted") == [4, 5]
    assert positions("--image", f"img_{FIRST}") == [1, 2, 4]
    assert positions("--image", f"img_{FIRST}", "--type", "ImageUploaded") == [1]
    assert positions("--type", "ImagePainted") == [6]


def test_an_event_is_shown_with_every_column(folder: Path, darkroom: Darkroom) -> None:
    """As it stands in the log, and decoded; for people and for programs."""
    shown = darkroom("log", "show", 4, "--json").json
    with open_log(folder) as log:
        row, digest = log.row(4)
    assert (shown["payload"], shown["hash"]) == (row.payload, digest.hex())
    assert shown["event"] == {"image_id": FIRST, "name": "Straße.jpg"}
    assert shown["damage"] is None
    told = darkroom("log", "show", cursor(folder, 4))
    assert told.code == 0
    assert "Straße.jpg" in told.out
    assert digest.hex() in told.out


def test_a_damaged_event_is_shown_as_far_as_it_goes(folder: Path, darkroom: Darkroom) -> None:
    """Who lists events is told where it is."""
    change_payload(folder, 4, '{"image_id": 5}')
    told = darkroom("log", "show", 4, "--json")
    assert told.code == 1
    assert told.json["payload"] == '{"image_id": 5}'
    assert told.json["event"] is None
    assert "position 4" in told.json["damage"]
    told = darkroom("log", "tail", "--after", 0)
    assert told.code == 1
    assert told.err.startswith("The event at position 4, ImageRenamed version 1, is damaged: ")
    assert len(told.out.splitlines()) == 3


@pytest.mark.usefixtures("folder")
def test_events_are_found_by_what_they_say(darkroom: Darkroom) -> None:
    """In personal values too, in small letters and in capitals; exit code 1 where there is none."""
    for text in ("Straße.jpg", "STRASSE"):
        assert [event["position"] for event in darkroom("log", "grep", text, "--json").lines] == [4]
    assert len(darkroom("log", "grep", FIRST).out.splitlines()) == 3
    assert len(darkroom("log", "grep", ACTOR).out.splitlines()) == 5
    assert darkroom("log", "grep", "image_id") == Told(1, "", "")


def test_the_log_is_counted(folder: Path, darkroom: Darkroom) -> None:
    """What is not known as well."""
    add_row(folder, "ImagePainted", '{"ä":1}')
    stats = darkroom("log", "stats", "--json").json
    assert (stats["events"], stats["unknown_events"]) == (6, 1)
    assert stats["in_the_last"] == {"minute": 6, "hour": 6, "day": 6}
    counts = {each["type"]: (each["events"], each["known"]) for each in stats["types"]}
    assert counts["ImageUploaded"] == (2, True)
    assert counts["ImagePainted"] == (1, False)
    assert {each["payload_bytes"] for each in stats["types"] if each["type"] == "ImagePainted"} == {8}
    assert all(size > 0 for size in stats["file_bytes"].values())
    told = darkroom("log", "stats")
    assert told.code == 0
    assert "1 events of types that a newer version wrote" in told.out


def test_an_empty_log_has_nothing_to_tell(
    tmp_path: Path, darkroom: Darkroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And no command stumbles over it."""

    async def make() -> None:
        async with open_store(tmp_path):
            pass

    asyncio.run(make())
    monkeypatch.setenv("DARKROOM_DATA", str(tmp_path))
    assert darkroom("log", "tail") == Told(0, "", "")
    assert darkroom("log", "stats").code == 0
    assert darkroom("log", "show", 1).code == 2
    assert darkroom("log", "anchor").json["statement"]["position"] == 0
    assert darkroom("log", "materialise", "--at", 0, tmp_path / "then").code == 0
    assert darkroom("log", "export", tmp_path / "log").code == 0


# -- verify, anchor, prove, check


@pytest.mark.usefixtures("folder")
def test_an_event_is_proved_and_the_proof_checked_elsewhere(
    darkroom: Darkroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Against an anchor of before, or one that is signed now; without the log."""
    public = darkroom("log", "anchor", "--public-key").out.strip()
    anchor = tmp_path / "anchor.json"
    anchor.write_text(darkroom("log", "anchor").out)
    proof = tmp_path / "proof.json"
    proof.write_text(darkroom("log", "prove", 2, "--anchor", anchor).out)
    monkeypatch.setenv("DARKROOM_DATA", str(tmp_path / "elsewhere"))
    told = darkroom("log", "check", proof, "--public-key", public)
    assert told.code == 0
    assert told.out.startswith("The proof holds: RenderingRequested ")
    changed = json.loads(proof.read_text())
    changed["event"]["actor"] = "somebody else"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(json.dumps(changed).encode())))
    told = darkroom("log", "check", "-", "--public-key", public, "--json")
    assert told.code == 1
    assert told.json["fault"] == "the event's hash is not that of its columns"
    told = darkroom("log", "check", proof, "--public-key", "00" * 32)
    assert (told.code, told.out) == (1, "The proof does not hold: the anchor is not signed by this key.\n")


@pytest.mark.usefixtures("folder")
def test_a_key_may_come_from_a_file(darkroom: Darkroom, tmp_path: Path) -> None:
    """As openssl makes it."""
    key = Ed25519PrivateKey.generate()
    private, public, plain = tmp_path / "private.pem", tmp_path / "public.pem", tmp_path / "public.txt"
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    plain.write_text(darkroom("log", "anchor", "--key", private, "--public-key").out)
    proof = tmp_path / "proof.json"
    proof.write_text(darkroom("log", "prove", 5, "--key", private).out)
    for trusted in (public, plain, key.public_key().public_bytes_raw().hex()):
        assert darkroom("log", "check", proof, "--public-key", trusted).code == 0
    own = darkroom("log", "anchor", "--public-key").out.strip()
    assert darkroom("log", "check", proof, "--public-key", own).code == 1


def test_a_log_that_was_changed_is_not_the_one_that_was_signed(
    folder: Path, darkroom: Darkroom, tmp_path: Path
) -> None:
    """Neither signed anew nor proved."""
    anchor = tmp_path / "anchor.json"
    anchor.write_text(darkroom("log", "anchor").out)
    change_payload(folder, 2, "{}")
    told = darkroom("log", "anchor")
    assert (told.code, told.out) == (1, "")
    assert "broken at position 2" in told.err
    told = darkroom("log", "prove", 2, "--anchor", anchor)
    assert told.code == 1
    assert "not the one that the anchor signed" in told.err


def test_findings_are_printed_with_their_places(folder: Path, darkroom: Darkroom) -> None:
    """And exit code 1 says that there are some; here there are no blobs at all."""
    change_payload(folder, 4, "{}")
    told = darkroom("log", "verify")
    assert told.code == 1
    assert "event: position 4: " in told.out
    findings = darkroom("log", "verify", "--json").lines
    assert ("event", "position 4") in [(finding["kind"], finding["place"]) for finding in findings]
    assert len(findings) == len(told.out.splitlines())


# -- export, import, materialise


def test_a_log_is_moved_by_two_commands(
    folder: Path, darkroom: Darkroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Personal values travel in a file of their own; cursors stay good."""
    before = darkroom("log", "tail", "--after", 0, "--json").out
    told = darkroom("log", "export", tmp_path / "log.jsonl", "--keys", tmp_path / "keys.jsonl", "--json")
    assert told.json["events"] == 5
    assert "Beach" not in (tmp_path / "log.jsonl").read_text()
    place = cursor(folder, 3)
    monkeypatch.setenv("DARKROOM_DATA", str(tmp_path / "new"))
    told = darkroom("log", "import", tmp_path / "log.jsonl", "--keys", tmp_path / "keys.jsonl")
    assert told.code == 0
    assert told.out.startswith("Imported 5 events into ")
    assert darkroom("log", "tail", "--after", 0, "--json").out == before
    assert len(darkroom("log", "tail", "--after", place).out.splitlines()) == 2
    told = darkroom("log", "import", tmp_path / "log.jsonl")
    assert told.code == 1
    assert "There is a log in" in told.err


@pytest.mark.usefixtures("folder")
def test_an_import_that_breaks_tells_where(
    darkroom: Darkroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And leaves nothing; a log may come through a pipe."""
    log = darkroom("log", "export", "-").out
    monkeypatch.setenv("DARKROOM_DATA", str(tmp_path / "new"))
    spoilt = log.replace('"actor":"actor-1"', '"actor":"me"', 1)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(spoilt.encode())))
    told = darkroom("log", "import", "-")
    assert told.code == 1
    assert told.err.startswith("Line 2: The log is broken at position 1: ")
    assert darkroom("log", "stats").err.startswith("There is no log in ")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(log.encode())))
    assert darkroom("log", "import", "-", "--json").json == {"events": 5}


def test_what_there_was_is_written_to_a_folder(folder: Path, darkroom: Darkroom, tmp_path: Path) -> None:
    """By position, cursor or time; a read model of its own, and a list for programs."""
    with open_log(folder) as log:
        time = log.recorded_at(3).isoformat()
    for number, (moment, names) in enumerate(
        {
            3: ["Beach.jpg", "Grandma\x1b[31m.jpg"],
            cursor(folder, 5): ["Beach.jpg", "Straße.jpg"],
            0: [],
            "1999-12-31": [],
            "2999-12-31T23:59:59.999999+14:00": ["Beach.jpg", "Straße.jpg"],
        }.items()
    ):
        target = tmp_path / f"then-{number}"
        assert darkroom("log", "materialise", "--at", moment, target).code == 0
        images = [json.loads(line) for line in (target / "images.jsonl").read_text().splitlines()]
        assert sorted(image["name"] for image in images) == names
        assert {path.name for path in target.iterdir()} == {"images.jsonl", "read.db"}
    assert darkroom("log", "materialise", "--at", time, tmp_path / "now", "--json").json["position"] >= 3
    told = darkroom("log", "materialise", "--at", 3, tmp_path / "now")
    assert told.code == 2
    assert "is there already" in told.err


def test_damage_leaves_no_half_of_what_there_was(folder: Path, darkroom: Darkroom, tmp_path: Path) -> None:
    """Up to there it can be had."""
    change_payload(folder, 4, "{")
    told = darkroom("log", "materialise", "--at", 5, tmp_path / "then")
    assert told.code == 1
    assert "position 4" in told.err
    assert not (tmp_path / "then").exists()
    assert darkroom("log", "materialise", "--at", 3, tmp_path / "then").code == 0


# -- wrong use


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("", "usage: darkroom log"),
        ("tails", "usage: darkroom log"),
        ("tail --after 6", "The log ends at position 5."),
        (f"tail --after {'9' * 5000}", "The log ends at position 5."),
        ("tail --after -1", "This is no cursor of Darkroom."),
        ("tail --after x", "This is no cursor of Darkroom. Use one as it was given."),
        ("tail --after MS4wMTIzYWJjZC4wLjM", "This cursor belongs to another store. Begin anew without one."),
        (
            "tail --type ImageUploadde",
            "There is no event type named 'ImageUploadde'. Did you mean 'ImageUploaded'?",
        ),
        ("tail --type \udcff", "There is no event type named"),
        ("tail --image 7", "This is no id of an image."),
        ("tail --aft 3", "usage: darkroom"),
        ("show", "usage: darkroom log show"),
        ("show 0", "Positions begin at 1."),
        ("show 6", "The log ends at position 5."),
        ("show 2026-11-20", "This is no cursor of Darkroom."),
        ("prove 0", "Positions begin at 1."),
        ("prove 6", "The log ends at position 5."),
        ("check x", "usage: darkroom log check"),
        ("materialise --at yesterday /nowhere", "This is no cursor of Darkroom."),
        ("materialise /nowhere", "usage: darkroom log materialise"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_wrong_use_is_told(darkroom: Darkroom, arguments: str, message: str) -> None:
    """By exit code 2, and what would be right."""
    told = darkroom("log", *arguments.split(" ")) if arguments else darkroom("log")
    assert (told.code, told.out) == (2, "")
    assert message in told.err


@pytest.mark.usefixtures("folder")
def test_files_that_are_no_use_are_told(darkroom: Darkroom, tmp_path: Path) -> None:
    """What is not there, what is there already, and what is something else."""
    other, missing = tmp_path / "other", tmp_path / "missing"
    other.write_text("something else")
    key = generate_private_key(SECP256R1())
    wrong_key = tmp_path / "ec.pem"
    wrong_key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    for arguments, code, message in (
        (("export", other), 1, f"{other}: File exists."),
        (("export", missing / "file"), 1, f"{missing / 'file'}: No such file or directory."),
        (("export", missing, "--keys", other), 1, f"{other}: File exists."),
        (("import", missing), 1, f"{missing}: No such file or directory."),
        (("import", tmp_path), 1, f"{tmp_path}: Is a directory."),
        (("anchor", "--key", missing), 1, f"{missing}: No such file or directory."),
        (("anchor", "--key", other), 2, f"{other} holds no Ed25519 private key"),
        (("anchor", "--key", wrong_key), 2, f"{wrong_key} holds no Ed25519 private key"),
        (("prove", 1, "--anchor", other), 1, "This is no anchor of Darkroom: "),
        (("check", other, "--public-key", "00" * 32), 1, "This is no proof of Darkroom: "),
        (("check", other, "--public-key", other), 2, "The public key is neither"),
        (("check", other, "--public-key", missing), 1, f"{missing}: No such file or directory."),
    ):
        told = darkroom("log", *arguments)
        assert (told.code, told.out) == (code, ""), arguments
        assert told.err.startswith(message), told.err
        assert len(told.err.splitlines()) == 1
    assert other.read_text() == "something else"
    assert not missing.exists()


ACTIONS = [
    "tail",
    "show 1",
    "grep x",
    "stats",
    "verify",
    "anchor",
    "prove 1",
    "export -",
    "materialise --at 0 x",
]


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("folder_is", ["missing", "empty", "noise", "no tables"])
def test_a_folder_without_a_log_is_told(
    darkroom: Darkroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, action: str, folder_is: str
) -> None:
    """In a line, and nothing is made."""
    data = tmp_path / "data"
    if folder_is != "missing":
        data.mkdir()
    if folder_is in {"noise", "no tables"}:
        (data / "log.db").write_bytes(b"noise" * 10_000 if folder_is == "noise" else b"")
    monkeypatch.setenv("DARKROOM_DATA", str(data))
    monkeypatch.chdir(tmp_path)
    told = darkroom("log", *action.split())
    assert (told.code, told.out) == (1, "")
    assert len(told.err.splitlines()) == 1
    assert str(data) in told.err
    assert [path.name for path in tmp_path.iterdir() if path.name != "data"] == []


def test_whoever_reads_what_is_printed_may_have_had_enough(folder: Path) -> None:
    """As `head` has."""
    command = f"{sys.executable} {ROOT / 'darkroom.py'} log tail --after 0 | exec true"
    told = subprocess.run(
        ["sh", "-c", command], env=environment(folder, {}), capture_output=True, text=True, check=False
    )
    assert told.stderr == ""


def test_a_terminal_is_shown_how_far_it_is(folder: Path, tmp_path: Path) -> None:
    """On standard error; that standard output is a file changes nothing."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (40, 100))
    command = [sys.executable, str(ROOT / "darkroom.py"), "log", "anchor"]
    with (tmp_path / "anchor").open("wb") as anchor:
        process = subprocess.Popen(command, env=environment(folder, {}), stdout=anchor, stderr=theirs)
    os.close(theirs)
    assert process.wait() == 0
    assert b"reading the log: 100%" in os.read(ours, 10_000)
    os.close(ours)
    assert json.loads((tmp_path / "anchor").read_text())["statement"]["position"] == 5


@pytest.mark.parametrize("action", ["", *(action.split()[0] for action in ACTIONS), "import", "check"])
def test_every_action_explains_itself(darkroom: Darkroom, action: str) -> None:
    """And says what its exit codes mean."""
    told = darkroom("log", *action.split(), "--help")
    assert told.code == 0
    assert "Exit codes: 0 when all is well" in told.out
