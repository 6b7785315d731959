"""Use cases: small classes that take their ports as arguments."""
