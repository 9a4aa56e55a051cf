"""Clifford+T circuits: exact where the target allows it, else with as few T as an error budget needs."""
