from __future__ import annotations

import signal

from hypothesis import settings

# Examples are the same on every run, and a busy machine fails no test.
settings.register_profile("steady", deadline=None, derandomize=True, max_examples=50)
settings.load_profile("steady")

# Processes that a shell starts in the background ignore Ctrl-C, and so do their children; some tests press it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
