"""What the phases of the relationship rest on: the facts that rules name, presets of rules, stays in a phase."""
