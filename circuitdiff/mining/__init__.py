"""What the circuits of a dataset have in common: gadgets, patterns, rewrite rules and the best there are."""
