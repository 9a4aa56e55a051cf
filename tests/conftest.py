from __future__ import annotations

from hypothesis import settings

# Examples are the same on every run, and a busy machine fails no test.
settings.register_profile("steady", deadline=None, derandomize=True, max_examples=50)
settings.load_profile("steady")
