"""The web: intake, API, console."""
