"""How `spiders.config` reads: the table of keys, what a file wrote, and the values that come of it. YAML is not known here."""
