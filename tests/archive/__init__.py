"""Tests of the archive: format, indexes, proof."""
