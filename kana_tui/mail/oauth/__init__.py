"""Authorization servers on the network: Microsoft 365 by msal, Google by google-auth.

Importing this is cheap: the libraries are imported by the first request.
"""

from kana_tui.mail.oauth.server import OAuthServer

__all__ = ["OAuthServer"]
