"""Mail servers: POP3 and IMAP sessions, TLS, and what is read from a header block."""
