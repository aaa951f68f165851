"""What holds for all tests: no outcome depends on how fast or busy the machine is."""

import pytest
from hypothesis import settings

settings.register_profile("any-machine", deadline=None)
settings.load_profile("any-machine")


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Name a case without its bytes: an archive's hold the time, and no two workers the same."""
    return f"{argname}-{len(val)}-bytes" if isinstance(val, bytes) else None
