"""What can be looked at before a night finds it out: each check looks, changes nothing, and says what to do."""
