"""The stages of the pipeline: each yields candidates."""
