"""What doctor looks at: one function per question, grouped by where the answer lies."""
