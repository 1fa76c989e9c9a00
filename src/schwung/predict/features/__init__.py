"""What is known of customers at a moment, one number or word a feature: declared with its words, read from the lake in sets."""
