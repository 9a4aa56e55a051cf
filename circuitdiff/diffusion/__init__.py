"""Forward processes and losses of both modes; the network is a callable."""
