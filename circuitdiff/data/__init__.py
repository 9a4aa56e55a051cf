"""Training circuits in canonical form, random or of named gates, and what the network is shown of them."""
