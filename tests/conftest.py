"""What holds for all tests: no outcome depends on how fast or busy the machine is."""

from hypothesis import settings

settings.register_profile("any-machine", deadline=None)
settings.load_profile("any-machine")
