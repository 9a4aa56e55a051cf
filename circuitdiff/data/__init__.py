"""Training data: random circuits and families, in canonical skeleton form, and what the network is shown of them."""
