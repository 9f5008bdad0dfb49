"""Disks that fail, fill up, forget and lie. What fails is shown with its values, in the helpers too."""

import pytest

pytest.register_assert_rewrite("tests.faults.gallery")
