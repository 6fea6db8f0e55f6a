"""The report: what it says, what it can't be made to do, and how it looks."""
