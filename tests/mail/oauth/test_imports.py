"""What importing costs: `status` must be quick, and most mailboxes have a password."""

from __future__ import annotations

import subprocess
import sys


def test_the_libraries_are_imported_by_the_first_request_only() -> None:
    script = (
        "import sys, kana_tui.mail.oauth as oauth; oauth.OAuthServer();"
        "print([name for name in ('msal', 'google.auth', 'requests', 'urllib3', 'jwt')"
        " if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    assert ran.stdout.strip() == "[]"
