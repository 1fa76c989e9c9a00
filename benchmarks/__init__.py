"""Figures against bars: each module measures one way through the house and a peer in the same run."""
