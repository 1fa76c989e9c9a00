"""The journey map: six phases as columns, everything in them measured, nothing drawn by hand."""
