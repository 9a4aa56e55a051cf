"""Measurements of the model and of the compiler."""
