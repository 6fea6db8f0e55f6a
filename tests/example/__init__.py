"""The worked example holds what its documents say: every host, every page, every odd answer."""
