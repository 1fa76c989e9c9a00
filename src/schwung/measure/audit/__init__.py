"""The customer-base audit: five views of one base that add up to the same revenue to the minor unit.

Method: Fader, Hardie & Ross 2022, The Customer-Base Audit. Rows from the engine, everything else here.
"""
