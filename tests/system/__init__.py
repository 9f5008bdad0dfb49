"""Darkroom as its users meet it: a real server, and nothing but what it answers and leaves on its disk."""

import pytest

pytest.register_assert_rewrite("tests.system.kept")
