"""How deliveries are named and signed."""

from __future__ import annotations

from infrastructure.webhooks.signature import message_id, signed


def test_a_signature_is_that_of_the_specification() -> None:
    """The example that the libraries of Standard Webhooks are tested with."""
    headers = signed(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_message_has_one_name() -> None:
    """Of its store, its webhook and its position, and no two have the same."""
    names = {message_id(store, hook, at) for store in "ab" for hook in "cd" for at in range(1, 30)}
    assert len(names) == 2 * 2 * 29
    assert message_id("a", "c", 1) == message_id("a", "c", 1)
    assert all("." not in name for name in names)
