"""The worked example: an article and the hosts that it cites, served on loopback for the length of a crawl."""
