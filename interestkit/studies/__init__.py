"""Longer runs whose results lessons load: made by `python -m interestkit.studies.<name>`, stored as JSON beside it."""
