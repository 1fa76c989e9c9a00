"""The console, one folder per area: routes, pages, texts.toml."""
