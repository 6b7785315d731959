"""Secrets at rest and in logs: the key file, sealing, redaction."""
