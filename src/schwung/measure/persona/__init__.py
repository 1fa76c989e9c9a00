"""Personas: groups of real customers who buy alike, found from a year of their orders, named by what sets them apart."""
