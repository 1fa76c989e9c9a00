"""The console in a real browser, served by a real server over a simulated shop."""
