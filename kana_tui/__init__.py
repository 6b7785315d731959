"""Terminal dashboard and mail intake for a company's shared mailboxes."""

__version__ = "0.1.0"
