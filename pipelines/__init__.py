"""Where Scrapy meets the archive: capture (exact bytes off the wire), reading (what the bytes say), and the stages between."""
