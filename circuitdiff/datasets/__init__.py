"""Datasets of verified circuits: random ones and solutions of targets, as Parquet shards."""
