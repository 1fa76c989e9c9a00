"""Event types, declared: name, properties, texts."""
