"""An NTLM verifier for Dovecot: speaks squid-2.5-ntlmssp as Samba's ntlm_auth does.

Run as a program with the folder of passwd-files as its argument. Version 2 only.
"""

from __future__ import annotations

import base64
import os
import sys
import tempfile
from pathlib import Path

import spnego
from spnego._ntlm_raw.messages import Authenticate


def main(users: Path) -> None:
    os.environ["LM_COMPAT_LEVEL"] = "5"
    with tempfile.NamedTemporaryFile("w+") as store:
        os.environ["NTLM_USER_FILE"] = store.name
        _serve(users, Path(store.name))


def _serve(users: Path, store: Path) -> None:
    context = None
    for line in sys.stdin:
        verb, _, data = line.strip().partition(" ")
        try:
            message = base64.b64decode(data)
            if verb == "YR":
                context = spnego.server(protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm)
                answer = "TT " + base64.b64encode(context.step(message) or b"").decode()
            else:
                assert context is not None
                said = Authenticate.unpack(message)
                user, domain = said.user_name or "", said.domain_name or ""
                name = user.partition("@")[0].lower()
                store.write_text(f"{domain}:{user}:{_password(users / name)}\n")
                context.step(message)
                answer = f"AF {name}"
        except Exception as error:
            answer = f"NA {type(error).__name__}"
        print(answer, flush=True)


def _password(file: Path) -> str:
    return file.read_text().partition("{PLAIN}")[2].partition(":")[0]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
