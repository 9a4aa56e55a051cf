"""What a circuit is: gates, gate sets, couplings, tokens, unitaries and their simulation."""
