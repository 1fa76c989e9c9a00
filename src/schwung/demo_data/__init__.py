"""The demo shop's data: Online Retail II, with its citation and its mapping."""
