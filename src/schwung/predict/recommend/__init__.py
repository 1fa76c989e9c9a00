"""Who buys what next: candidates by several rules, the best of them per shop on held-out time, with honest probabilities."""
