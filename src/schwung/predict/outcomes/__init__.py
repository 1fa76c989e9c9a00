"""Outcomes of customers in the lake: whom to ask at which moments, what happened then, learned and told in words."""
