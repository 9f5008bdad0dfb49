"""A server killed at random moments. What fails is shown with its values, in the helpers too."""

import pytest

_HELPERS = ("book", "followers", "inspection", "lane", "load", "requests")

pytest.register_assert_rewrite(*(f"tests.crash.{name}" for name in _HELPERS))
