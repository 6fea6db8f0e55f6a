"""The archive: a library that keeps, proves and shows captures. It knows no crawler, no extractor and no configuration file."""
