"""What makes a circuit that there is shorter."""
