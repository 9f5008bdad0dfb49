"""Anchors, and proofs against them."""

from __future__ import annotations

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from infrastructure.log.anchor import Anchor, is_signed_by, public_text, sign, statement
from infrastructure.log.chain import GENESIS, ChainBroken, Row, link
from infrastructure.log.merkle import root
from infrastructure.log.proof import NotTheLogSigned, Proof, check, prove

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
ROW = Row(1, "image-1", 1, bytes(16), "ImageDeleted", 1, 10, "c", "c", "", "actor", "owner", "{}")


def log(count: int, **changes: object) -> list[tuple[Row, bytes]]:
    rows: list[tuple[Row, bytes]] = []
    previous = GENESIS
    for position in range(1, count + 1):
        row = ROW._replace(position=position, version=position, payload=f'{{"n":{position}}}')
        if position == 3:
            row = row._replace(**changes)  # type: ignore[arg-type]
        previous = link(previous, row)
        rows.append((row, previous))
    return rows


def anchored(rows: list[tuple[Row, bytes]]) -> Anchor:
    return sign(statement("0123abcd", rows), KEY)


def proved(rows: list[tuple[Row, bytes]], position: int, anchor: Anchor) -> Proof:
    row, digest = rows[position - 1]
    previous = rows[position - 2][1] if position > 1 else GENESIS
    return prove(row, digest, previous, (each for _, each in rows), anchor)


def test_an_anchor_says_what_the_log_holds() -> None:
    """Its end, and the Merkle root of all hashes."""
    rows = log(5)
    said = anchored(rows).statement
    assert (said.store_id, said.position, said.chain_hash) == ("0123abcd", 5, rows[-1][1].hex())
    assert said.merkle_root == root([digest for _, digest in rows]).hex()
    assert statement("0123abcd", []).position == 0


def test_nothing_is_said_of_a_broken_log() -> None:
    """Its position is told instead."""
    rows = log(5)
    rows[3] = (rows[3][0]._replace(actor="somebody else"), rows[3][1])
    with pytest.raises(ChainBroken, match="position 4"):
        statement("0123abcd", rows)


@pytest.mark.parametrize("position", range(1, 8))
def test_every_event_is_proved_without_the_log(position: int) -> None:
    """Also through JSON, and against an anchor of a time when the log was shorter."""
    rows = log(9)
    proof = proved(rows, position, anchored(rows[:7]))
    again = msgspec.json.decode(msgspec.json.encode(proof), type=Proof)
    assert check(again, KEY.public_key()) is None


def test_a_signature_is_what_it_always_was() -> None:
    """What is signed is part of the format: anchors are kept for years."""
    anchor = anchored(log(2))
    assert anchor.public_key == public_text(KEY.public_key())
    assert anchor.signature == (
        "edb52b16db2cce4d45706b0fd258e3026dfc4dd07371b0017a55a8e73a1f20fe"
        "6ca350b34baa9871d8715d4912de14a6682d7c45e382247ad1f695e2a71cce0a"
    )
    said = anchor.statement
    by_hand = (
        "darkroom log anchor 1\n"
        f'{{"chain_hash":"{said.chain_hash}","merkle_root":"{said.merkle_root}","position":2,'
        '"store_id":"0123abcd"}'
    )
    KEY.public_key().verify(bytes.fromhex(anchor.signature), by_hand.encode())


@pytest.mark.parametrize(
    "change",
    [
        {"store_id": "ffffffff"},
        {"position": 4},
        {"chain_hash": "0" * 64},
        {"merkle_root": "0" * 64},
    ],
)
def test_a_changed_statement_is_not_signed(change: dict[str, object]) -> None:
    """Every part of it is."""
    anchor = anchored(log(5))
    assert is_signed_by(anchor, KEY.public_key())
    changed = msgspec.structs.replace(anchor, statement=msgspec.structs.replace(anchor.statement, **change))
    assert not is_signed_by(changed, KEY.public_key())


@pytest.mark.parametrize("signature", ["", "00", "no hex", "0" * 128])
def test_what_is_no_signature_is_no_signature(signature: str) -> None:
    """And no error."""
    assert not is_signed_by(msgspec.structs.replace(anchored(log(5)), signature=signature), KEY.public_key())


def test_the_key_that_counts_is_the_one_that_is_trusted() -> None:
    """Not the one that the anchor brings along."""
    rows = log(5)
    forged = sign(statement("0123abcd", rows), OTHER)
    proof = proved(rows, 2, forged)
    assert check(proof, OTHER.public_key()) is None
    assert check(proof, KEY.public_key()) == "the anchor is not signed by this key"


@pytest.mark.parametrize(
    "change",
    [
        {"actor": "somebody else"},
        {"payload": "{}"},
        {"position": 4},
        {"hash": "0" * 64},
    ],
)
def test_a_changed_event_is_not_proved(change: dict[str, object]) -> None:
    """Whatever of it was changed."""
    rows = log(5)
    proof = proved(rows, 3, anchored(rows))
    changed = msgspec.structs.replace(proof, event=msgspec.structs.replace(proof.event, **change))
    assert check(changed, KEY.public_key()) is not None


def test_an_event_of_another_history_is_not_proved() -> None:
    """Its hash is right, its chain is whole; but nobody signed it."""
    anchor = anchored(log(5))
    rewritten = log(5, actor="somebody else")
    with pytest.raises(NotTheLogSigned):
        proved(rewritten, 3, anchor)
    with pytest.raises(NotTheLogSigned):
        proved(log(5, actor="x"), 5, anchor)


def test_the_public_key_is_32_bytes_in_hex() -> None:
    """As other programs print it."""
    text = public_text(KEY.public_key())
    assert Ed25519PublicKey.from_public_bytes(bytes.fromhex(text)) == KEY.public_key()
