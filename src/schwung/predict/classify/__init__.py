"""Will it happen or not: outcomes of customers from what was known before, on arrays and data frames."""
