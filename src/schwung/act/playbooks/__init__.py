"""Playbooks, one YAML file each: texts, and definitions as `schwung apply` reads them, with {en, de} where a person reads a name."""
