"""The protocols of the papers that the models follow, and of what lies beyond them: one figure each."""
