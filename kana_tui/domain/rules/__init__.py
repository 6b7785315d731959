"""Rules: what happens to a message between the intake and a queue."""
