"""`darkroom log verify | anchor | prove | check`: whether the log is what it was."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TypeVar

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from gql.commands.command import DONE, FAILED, Arguments, Commands, Failure, WrongUse, add_command
from gql.commands.log_places import PLACE, event_position
from gql.commands.output import bar, bars, print_findings, print_json, printable
from infrastructure import verification
from infrastructure.log.anchor import Anchor, public_text, sign, statement
from infrastructure.log.chain import Row
from infrastructure.log.proof import Proof, check, prove
from infrastructure.settings import Settings
from infrastructure.sqlite.keys import ANCHORS
from infrastructure.sqlite.log_file import LogFile, open_log

T = TypeVar("T")

_HEX_KEY: Final = re.compile(r"[0-9a-fA-F]{64}")
_KEY_HELP: Final = "PEM file of an Ed25519 private key to sign with, instead of the store's own"


def add_to(actions: Commands) -> None:
    verify = add_command(
        actions,
        "verify",
        _verify,
        "check every event, key, read model and blob of the data folder",
        "Prints what is wrong, with its place; nothing, and exit code 0, when the folder is whole.",
    )
    verify.add_argument("--json", action="store_true", help="one JSON object for each finding")

    anchor = add_command(
        actions,
        "anchor",
        _anchor,
        "sign what the log holds now, as JSON",
        "Keep it where whoever keeps the log cannot change it: it shows later that nothing was changed. "
        "The chain is checked first.",
    )
    anchor.add_argument("--key", type=Path, metavar="FILE", help=_KEY_HELP)
    anchor.add_argument(
        "--public-key",
        action="store_true",
        help="only print the key that signatures are checked by, in hex",
    )

    prove_ = add_command(
        actions,
        "prove",
        _prove,
        "print the proof that an event is in the log that an anchor signed, as JSON",
        "It holds the event with all its columns; personal values stay sealed.",
    )
    prove_.add_argument("place", metavar="POSITION", help=PLACE)
    prove_.add_argument("--anchor", type=Path, metavar="FILE", help="one of before; else one is signed now")
    prove_.add_argument("--key", type=Path, metavar="FILE", help=_KEY_HELP)

    check_ = add_command(
        actions, "check", _check, "check a proof, without the log", "Exit code 1 says that it does not hold."
    )
    check_.add_argument("proof", metavar="PROOF", help="file with the proof, or - for standard input")
    check_.add_argument(
        "--public-key", required=True, metavar="KEY", help="whom you trust: 64 hex digits, or a PEM file"
    )
    check_.add_argument("--json", action="store_true", help="the result as one JSON object")


def _verify(arguments: Arguments, settings: Settings) -> int:
    with open_log(settings.data):
        pass  # where there is none, that is all there is to say
    with bars() as progress:
        found = print_findings(verification.verify(settings.data, progress), json=arguments.json)
    return FAILED if found else DONE


def _anchor(arguments: Arguments, settings: Settings) -> int:
    with open_log(settings.data) as log:
        key = _signing_key(log, arguments.key)
        if arguments.public_key:
            print(public_text(key.public_key()))
        else:
            print_json(_signed(log, key))
    return DONE


def _signed(log: LogFile, key: Ed25519PrivateKey) -> Anchor:
    head = log.head
    with bar("reading the log", head) as advance:

        def rows() -> Iterator[tuple[Row, bytes]]:
            for item in log.rows(0, head):
                advance(1)
                yield item

        return sign(statement(log.store_id, rows()), key)


def _prove(arguments: Arguments, settings: Settings) -> int:
    with open_log(settings.data) as log:
        place = event_position(log, arguments.place)
        if arguments.anchor is None:
            anchor = _signed(log, _signing_key(log, arguments.key))
        else:
            anchor = _given(arguments.anchor.read_bytes(), Anchor, "anchor")
        size = anchor.statement.position
        if place > size:
            raise WrongUse(f"The anchor signed the log up to position {size}, which is before {place}.")
        row, digest = log.row(place)
        print_json(prove(row, digest, log.digest(place - 1), log.hashes(size), anchor))
    return DONE


def _check(arguments: Arguments, _: Settings) -> int:
    key = _public_key(arguments.public_key)
    text = sys.stdin.buffer.read() if arguments.proof == "-" else Path(arguments.proof).read_bytes()
    proof = _given(text, Proof, "proof")
    fault = check(proof, key)
    event, said = proof.event, proof.anchor.statement
    if arguments.json:
        print_json({"holds": fault is None, "fault": fault, "event": event, "statement": said})
    elif fault is None:
        print(
            printable(
                f"The proof holds: {event.type} {event.event_id} is at position {event.position} of the log "
                f"{said.store_id}, whose {said.position} events were signed."
            )
        )
    else:
        print(f"The proof does not hold: {fault}.")
    return DONE if fault is None else FAILED


# -- what is given


def _signing_key(log: LogFile, file: Path | None) -> Ed25519PrivateKey:
    if file is None:
        secret = log.store_secret(ANCHORS)
        if secret is None:
            raise Failure("This store has no key for anchors yet: start the server once, or give --key.")
        return Ed25519PrivateKey.from_private_bytes(secret)
    try:
        key = load_pem_private_key(file.read_bytes(), password=None)
    except (TypeError, ValueError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise WrongUse(f"{file} holds no Ed25519 private key in PEM without a password.")
    return key


def _public_key(given: str) -> Ed25519PublicKey:
    """From hex digits, or a file with them or in PEM."""
    text = given
    if not _HEX_KEY.fullmatch(given):
        text = Path(given).read_text(errors="replace").strip()
    try:
        if _HEX_KEY.fullmatch(text):
            return Ed25519PublicKey.from_public_bytes(bytes.fromhex(text))
        key = load_pem_public_key(text.encode())
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise WrongUse("The public key is neither 64 hex digits nor the PEM file of an Ed25519 key.")
    return key


def _given(text: bytes, kind: type[T], name: str) -> T:
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Failure(f"This is no {name} of Darkroom: {error}.") from None
