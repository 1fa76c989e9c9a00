"""Whose event is it? Identifiers become one customer, by rules that can be undone; traits and consents beside it."""
