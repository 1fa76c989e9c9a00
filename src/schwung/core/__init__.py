"""What every room needs and none owns: texts, money, periods, time, errors, registries. Standard library only."""
