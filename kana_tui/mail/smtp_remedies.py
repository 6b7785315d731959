"""What helps where sending fails, in the words of the place where the server is set."""

from __future__ import annotations

from typing import Final

from attrs import frozen

SIGN_IN_AGAIN: Final = (
    "Check that the user is whom the token is for, and that the account lets this application "
    "send; then sign in again: kana-tui mailbox authorize {owner}"
)


@frozen
class Remedies:
    """A sentence each, for a person who can change settings.

    no_name: the server's name is not found; refused: nobody listens; silent: no
    answer; mute: no greeting, where TLS does not come first; no_starttls: it is
    due, and not offered; no_tls: the server speaks none; untrusted: its
    certificate is signed by an unknown authority; password: set it (again);
    login: the user or the password cannot be sent; no_login: the server offers
    none that is known; token: it was refused, or cannot be sent.
    """

    no_name: str
    refused: str
    silent: str
    mute: str
    no_starttls: str
    no_tls: str
    untrusted: str
    password: str
    login: str
    no_login: str
    token: str


OF_THE_SENDER: Final = Remedies(
    no_name="Check the sender's server, and DNS.",
    refused="Check the port, and whether the server runs.",
    silent="Check server and port, and whether a firewall stands between.",
    mute='If it speaks TLS on this port, set tls="implicit" in config.xml\'s sender; else check '
    "server and port, and whether a firewall stands between.",
    no_starttls="Nothing was sent to it. Correct tls in config.xml's sender.",
    no_tls="Nothing was sent to it. Check server, port and tls of config.xml's sender.",
    untrusted="If it is right, let this host trust the CA that signed it.",
    password="Set the password again: "  # noqa: S106  # a sentence about it
    "kana-tui config set --secret sender-password",
    login="Correct the user in config.xml's sender, or set the password again: "
    "kana-tui config set --secret sender-password",
    no_login="Clear the sender's user in config.xml, or choose another tls or port.",
    token="",
)


def remedies_of(owner: str | None) -> Remedies:
    """Those of config.xml's sender, or of the mailbox with the address `owner`."""
    if owner is None:
        return OF_THE_SENDER
    password = f"kana-tui mailbox edit {owner} --secret smtp_password"
    return Remedies(
        no_name=f"Check the SMTP server of {owner}, and DNS.",
        refused=f"Check the SMTP port of {owner}, and whether the server runs.",
        silent=f"Check SMTP server and SMTP port of {owner}, and whether a firewall stands "
        "between.",
        mute=f"If it speaks TLS on this port, choose Secure SMTP (SSL) for {owner}; else check "
        "SMTP server and SMTP port, and whether a firewall stands between.",
        no_starttls=f"Nothing was sent to it. Check SMTP server and SMTP port of {owner}, or "
        "choose Secure SMTP (SSL) if it speaks TLS from the start.",
        no_tls="Nothing was sent to it. Check SMTP server and SMTP port, Use SMTP TLS and Secure "
        f"SMTP (SSL) of {owner}.",
        untrusted=f"If it is right, set the CA that signed it as the CA file of {owner}.",
        password=f"Set the SMTP Password again: {password}",
        login=f"Correct the SMTP User of {owner}, or set the SMTP Password again: {password}",
        no_login=f"Nothing was shown to it. Check SMTP server and SMTP port of {owner}, or choose "
        "another login or encryption.",
        token=SIGN_IN_AGAIN.format(owner=owner),
    )
