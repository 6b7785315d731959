"""What an authorization server knows and grants: clients, codes, refresh tokens, keys.

The rules are those of RFC 6749, 7636 (PKCE), 8628 (devices) and 7523 (assertions); the errors'
words are Microsoft's and Google's.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from functools import cache
from typing import Any, Final
from urllib.parse import urlencode

import jwt
from attrs import define
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from kana_tui.domain.secret import Secret
from tests.servers.tokens import APPLICATION, TokenServer

CLIENT_ID: Final = "11112222-bbbb-3333-cccc-4444dddd5555"
CLIENT_SECRET: Final = Secret("client-secret/8Q~+äöü")
SERVICE_ACCOUNT: Final = "intake@project.iam.gserviceaccount.com"

APPLICATION_SCOPE: Final = "https://outlook.office365.com/.default"
GOOGLE_SCOPE: Final = "https://mail.google.com/"
GOOGLE_AUDIENCE: Final = "https://oauth2.googleapis.com/token"
"""What google-auth signs for, wherever the token URL points (google.oauth2.service_account)."""

DEVICE: Final = "urn:ietf:params:oauth:grant-type:device_code"
ASSERTION: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"

Told = tuple[int, dict[str, Any]]


class RefusedError(Exception):
    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.description = description
        self.status = status


@define
class _Device:
    """`user`: who approved it. `next`: the error that the next question gets."""

    device_code: str
    scope: str
    user: str | None = None
    next: str = "authorization_pending"


@define
class _Code:
    """An authorization code: whose, and what it must be redeemed with."""

    user: str
    redirect_uri: str
    challenge: str
    scope: str
    offline: bool


@cache
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


class Grants:
    """The server without its network. All of it is called with `lock` held, or before it runs."""

    def __init__(self, tokens: TokenServer) -> None:
        self.tokens = tokens
        self.lock = threading.RLock()
        self.client_secret: Secret | None = CLIENT_SECRET
        self.expires_in: object = 3599
        self.rotates = True
        self.interval: object = 5
        self.device_lasts: object = 900
        self.repeats = False
        self.delegates = True
        self._refresh: dict[str, tuple[str, str]] = {}
        self._devices: dict[str, _Device] = {}
        self._codes: dict[str, _Code] = {}

    # People and time

    def sign_in(self, user: str, scope: str = "") -> Secret:
        token = f"0.refresh-{secrets.token_urlsafe(24)}"
        with self.lock:
            self._refresh[token] = (user, scope)
        return Secret(token)

    def revoke(self, refresh: Secret) -> None:
        with self.lock:
            del self._refresh[refresh.reveal()]

    def approve(self, user_code: str, user: str) -> None:
        with self.lock:
            self._devices[user_code].user = user

    def decline(self, user_code: str) -> None:
        self._next(user_code, "authorization_declined")

    def lapse(self, user_code: str) -> None:
        self._next(user_code, "expired_token")

    def hurried(self, user_code: str) -> None:
        self._next(user_code, "slow_down")

    def _next(self, user_code: str, error: str) -> None:
        with self.lock:
            self._devices[user_code].next = error

    @property
    def user_codes(self) -> list[str]:
        """Those that devices show, oldest first."""
        with self.lock:
            return list(self._devices)

    def service_account_key(self) -> Secret:
        """As Google writes one; its token_uri is Google's own."""
        return _written(_key())

    def foreign_key(self) -> Secret:
        """One that this server does not know."""
        return _written(rsa.generate_private_key(65537, 2048))

    def elliptic_key(self) -> Secret:
        """One of a kind that cannot sign as Google wants it."""
        return _written(ec.generate_private_key(ec.SECP256R1()))

    def foreign_universe(self) -> Secret:
        """One of another cloud than Google's public one."""
        return _written(_key(), universe_domain="cloud.example")

    # Requests

    def token(self, form: dict[str, str], *, google: bool) -> Told:
        grants = {
            "client_credentials": self._application,
            "refresh_token": self._refreshed,
            "authorization_code": self._redeemed,
            DEVICE: self._typed,
            ASSERTION: self._asserted,
        }
        try:
            return 200, grants.get(form.get("grant_type", ""), _no_grant)(form, google)
        except RefusedError as refused:
            return refused.status, self._refusal(refused, form, google)

    def _refusal(self, refused: RefusedError, form: dict[str, str], google: bool) -> dict[str, Any]:
        description = refused.description
        if self.repeats:
            description += " You sent: " + " ".join(form.values())
        if not google:
            description += "\r\nTrace ID: 0000aaaa-11bb\r\nTimestamp: 2026-11-25 10:00:00Z"
        return {"error": refused.error, "error_description": description}

    def device_code(self, form: dict[str, str], verification_url: str) -> Told:
        try:
            self._check_id(form)
        except RefusedError as refused:
            return refused.status, self._refusal(refused, form, google=False)
        code = f"GT{len(self._devices):03}-{secrets.token_hex(2).upper()}"
        device = _Device(secrets.token_urlsafe(24), form.get("scope", ""))
        self._devices[code] = device
        answer = {
            "user_code": code,
            "device_code": device.device_code,
            "verification_uri": verification_url,
            "expires_in": self.device_lasts,
            "interval": self.interval,
            "message": f"To sign in, open {verification_url} and enter the code {code}.",
        }
        return 200, {name: value for name, value in answer.items() if value is not None}

    def wrong_page(self, form: dict[str, str]) -> str:
        """What is wrong with an authorization request; empty where nothing is."""
        wanted = {
            "response_type": form.get("response_type") == "code",
            "client_id": form.get("client_id") == CLIENT_ID,
            "redirect_uri": form.get("redirect_uri", "").startswith("http://localhost"),
            "code_challenge_method": form.get("code_challenge_method") == "S256",
            "code_challenge": len(form.get("code_challenge", "")) == 43,
            "state": len(form.get("state", "")) >= 16,
            "scope": bool(form.get("scope")),
        }
        return ", ".join(name for name, right in wanted.items() if not right)

    def landing(self, form: dict[str, str], *, google: bool) -> str:
        """The redirect, with the code or the refusal."""
        told = {"state": form["state"]}
        if "signed_in" in form:
            told["code"] = code = f"0.code-{secrets.token_urlsafe(16)}"
            scope = form["scope"]
            # Google: no refresh token but for offline access, and not the second time unless asked.
            asked = form.get("access_type") == "offline" and "consent" in form.get("prompt", "")
            offline = asked if google else "offline_access" in scope.split()
            self._codes[code] = _Code(
                form["signed_in"], form["redirect_uri"], form["code_challenge"], scope, offline
            )
        else:
            told |= {"error": "access_denied", "error_description": "The user has denied access."}
        return f"{form['redirect_uri']}/?{urlencode(told)}"

    # Grants

    def _application(self, form: dict[str, str], _google: bool) -> dict[str, Any]:
        self._check_client(form)
        if form.get("scope") != APPLICATION_SCOPE:
            raise RefusedError("invalid_scope", "AADSTS70011: The provided scope is not valid.")
        return self._granted(APPLICATION, None)

    def _refreshed(self, form: dict[str, str], google: bool) -> dict[str, Any]:
        self._check_client(form)
        old = form.get("refresh_token", "")
        if old not in self._refresh:
            dead = "Token has been expired or revoked."
            microsoft = "AADSTS700082: The refresh token has expired due to inactivity."
            raise RefusedError("invalid_grant", dead if google else microsoft)
        user, scope = self._refresh[old]
        new = None
        if self.rotates and not google:
            del self._refresh[old]
            new = self.sign_in(user, scope)
        return self._granted(user, new)

    def _redeemed(self, form: dict[str, str], google: bool) -> dict[str, Any]:
        self._check_client(form)
        code = self._codes.pop(form.get("code", ""), None)
        if code is None:
            bad = "Malformed auth code." if google else "AADSTS70000: The code is invalid."
            raise RefusedError("invalid_grant", bad)
        if form.get("redirect_uri") != code.redirect_uri:
            raise RefusedError("redirect_uri_mismatch", "Bad Request")
        if _challenge(form.get("code_verifier", "")) != code.challenge:
            raise RefusedError("invalid_grant", "Invalid code verifier.")
        refresh = self.sign_in(code.user, code.scope) if code.offline else None
        return self._granted(code.user, refresh)

    def _typed(self, form: dict[str, str], _google: bool) -> dict[str, Any]:
        self._check_client(form)
        code = form.get("device_code")
        device = next((one for one in self._devices.values() if one.device_code == code), None)
        if device is None:
            raise RefusedError("bad_verification_code", "AADSTS70019: The code is not recognized.")
        if device.user is not None and device.next == "authorization_pending":
            device.next = "expired_token"
            offline = "offline_access" in device.scope.split()
            refresh = self.sign_in(device.user, device.scope) if offline else None
            return self._granted(device.user, refresh)
        error = device.next
        if error == "slow_down":
            device.next = "authorization_pending"
        raise RefusedError(error, f"AADSTS70016: {error.replace('_', ' ')}.")

    def _asserted(self, form: dict[str, str], _google: bool) -> dict[str, Any]:
        try:
            claims = jwt.decode(
                form.get("assertion", ""),
                _key().public_key(),
                algorithms=["RS256"],
                audience=GOOGLE_AUDIENCE,
                issuer=SERVICE_ACCOUNT,
                options={"require": ["iss", "sub", "aud", "exp", "iat"]},
            )
        except jwt.InvalidSignatureError:
            raise RefusedError("invalid_grant", "Invalid JWT Signature.") from None
        except jwt.InvalidTokenError as error:
            raise RefusedError("invalid_grant", f"Invalid JWT: {error}") from None
        if not 0 < claims["exp"] - claims["iat"] <= 3600 or abs(claims["iat"] - time.time()) > 300:
            raise RefusedError("invalid_grant", "Invalid JWT: Token must be a short-lived token.")
        if claims.get("scope") != GOOGLE_SCOPE:
            raise RefusedError(
                "invalid_scope", "Invalid OAuth scope or ID token audience provided."
            )
        if not self.delegates:
            words = "Client is unauthorized to retrieve access tokens using this method."
            raise RefusedError("unauthorized_client", words, 401)
        user, at, _ = claims["sub"].partition("@")
        if not at:
            raise RefusedError("invalid_grant", "Invalid email or User ID")
        return self._granted(user, None)

    def _check_id(self, form: dict[str, str]) -> None:
        if form.get("client_id") != CLIENT_ID:
            words = "AADSTS700016: Application was not found in the directory 'contoso'."
            raise RefusedError("unauthorized_client", words)

    def _check_client(self, form: dict[str, str]) -> None:
        self._check_id(form)
        given = form.get("client_secret")
        if self.client_secret is None:
            if given:
                words = "AADSTS700025: Client is public so no secret should be presented."
                raise RefusedError("invalid_client", words, 401)
        elif not given:
            words = "AADSTS7000218: The request body must contain 'client_secret'."
            raise RefusedError("invalid_client", words, 401)
        elif given != self.client_secret.reveal():
            raise RefusedError(
                "invalid_client", "AADSTS7000215: Invalid client secret provided.", 401
            )

    def _granted(self, user: str, refresh: Secret | None) -> dict[str, Any]:
        answer: dict[str, Any] = {
            "token_type": "Bearer",
            "access_token": self.tokens.issue(user).reveal(),
            "expires_in": self.expires_in,
            "refresh_token": refresh.reveal() if refresh else None,
        }
        return {name: value for name, value in answer.items() if value is not None}


def _written(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, **more: str) -> Secret:
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    fields = {
        "type": "service_account",
        "project_id": "project",
        "private_key_id": "a1b2c3",
        "private_key": pem.decode(),
        "client_email": SERVICE_ACCOUNT,
        "client_id": "1234567890",
        "token_uri": GOOGLE_AUDIENCE,
    }
    return Secret(json.dumps(fields | more))


def _no_grant(_form: dict[str, str], _google: bool) -> dict[str, Any]:
    raise RefusedError("unsupported_grant_type", "AADSTS70003: The app requested an unknown grant.")


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
