"""Commands that Scrapy finds through COMMANDS_MODULE."""
