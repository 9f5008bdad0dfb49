"""How deliveries are named and signed: https://www.standardwebhooks.com, version 1, symmetric."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping


def message_id(store_id: str, webhook_id: str, position: int) -> str:
    """The same whenever the same event is sent to the same webhook, so that receivers know it again."""
    name = f"{store_id}\0{webhook_id}\0{position}"
    return "msg_" + hashlib.sha256(name.encode()).hexdigest()[:32]


def signed(secret: str, message: str, timestamp: int, body: bytes) -> Mapping[str, str]:
    """Headers that say which message a body is, when it was sent (seconds since 1970), and by whom."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.digest(key, f"{message}.{timestamp}.".encode() + body, "sha256")
    return {
        "webhook-id": message,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": "v1," + base64.b64encode(digest).decode(),
    }
