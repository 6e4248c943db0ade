"""Signing in through the city's own identity provider: OpenID Connect, authorization code with PKCE.

Nobody registers here: a claim of the provider's signed token must be the id of an account that exists. State and nonce
are of one try, kept in the signed cookie of that browser.
"""

from __future__ import annotations

import hmac
import os
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast
from urllib.parse import urlsplit

import httpx
from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet, KeySetSerialization

from mingjian.domain.clock import Clock
from mingjian.domain.errors import MingjianError
from mingjian.domain.i18n import _

SECONDS = 10  # how long the provider may take to answer
LEEWAY = 60  # seconds that two clocks may differ
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
BASIC = "client_secret_basic"


class OidcFault(StrEnum):
    """Why a sign-in through the provider came to nothing; the reader is told less than the audit log."""

    UNREACHABLE = "unreachable"
    WRONG_STATE = "wrong_state"
    DENIED = "denied"
    CODE_REFUSED = "code_refused"
    BAD_TOKEN = "bad_token"  # noqa: S105 - a reason, not a token
    NO_CLAIM = "no_claim"
    NO_ACCOUNT = "no_account"


class OidcError(Exception):
    """A sign-in through the provider that came to nothing."""

    def __init__(self, fault: OidcFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True)
class Settings:
    """The provider and what we are to it; `claim` names our account's id."""

    issuer: str
    client_id: str
    client_secret: str
    claim: str


def settings() -> Settings | None:
    """What the environment says, or None when no provider is named. MingjianError when it is half said."""
    issuer = os.environ.get("MINGJIAN_OIDC_ISSUER", "").rstrip("/")
    if not issuer:
        return None
    client_id = os.environ.get("MINGJIAN_OIDC_CLIENT_ID", "")
    secret = os.environ.get("MINGJIAN_OIDC_CLIENT_SECRET", "")
    if not client_id or not secret:
        raise MingjianError(
            _("统一认证的设置不全"),
            hint=_("与 MINGJIAN_OIDC_ISSUER 一起设置 MINGJIAN_OIDC_CLIENT_ID 和 MINGJIAN_OIDC_CLIENT_SECRET"),
        )
    place = urlsplit(issuer)
    if place.scheme != "https" and place.hostname not in ("127.0.0.1", "localhost"):
        raise MingjianError(
            _("统一认证的地址须为 https：{issuer}", issuer=issuer), hint=_("只有本机地址可以用 http")
        )
    return Settings(issuer, client_id, secret, os.environ.get("MINGJIAN_OIDC_CLAIM", "preferred_username"))


class Provider:
    """Talks to the provider; reads its description and keys once, and its keys again when it signs with a new one."""

    def __init__(self, said: Settings, clock: Clock) -> None:
        self._said, self._clock = said, clock
        self._lock = threading.Lock()
        self._description: dict[str, Any] = {}
        self._keys: KeySet | None = None

    def ask(self, redirect_uri: str) -> tuple[str, dict[str, str]]:
        """(address to send the browser to, what to remember until it comes back)."""
        one_try = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
        with self._http() as http:
            address, _state = self._client(http, redirect_uri).create_authorization_url(
                self._described(http, "authorization_endpoint"),
                state=one_try["state"],
                nonce=one_try["nonce"],
                code_verifier=one_try["verifier"],
            )
        return str(address), one_try

    def account(self, redirect_uri: str, remembered: Mapping[str, str], answer: Mapping[str, str]) -> str:
        """The account's id that the provider vouches for; OidcError when anything is not as it must be."""
        state = remembered.get("state", "")
        if not state or not hmac.compare_digest(state.encode(), answer.get("state", "").encode()):
            raise OidcError(OidcFault.WRONG_STATE)
        if answer.get("iss", self._said.issuer).rstrip("/") != self._said.issuer:
            raise OidcError(OidcFault.WRONG_STATE)
        if not answer.get("code"):
            raise OidcError(OidcFault.DENIED)
        with self._http() as http:
            token = self._fetch(http, redirect_uri, answer["code"], remembered["verifier"])
            claims = self._checked(http, token, remembered["nonce"])
        named = claims.get(self._said.claim)
        proved = self._said.claim != "email" or claims.get("email_verified") is True
        if not isinstance(named, str) or not named or not proved:
            raise OidcError(OidcFault.NO_CLAIM)
        return named

    def _fetch(self, http: httpx.Client, redirect_uri: str, code: str, verifier: str) -> dict[str, Any]:
        endpoint = self._described(http, "token_endpoint")
        client = self._client(http, redirect_uri)
        methods = self._description.get("token_endpoint_auth_methods_supported", [BASIC])
        basic = httpx.BasicAuth(self._said.client_id, self._said.client_secret)
        posted = {"client_id": self._said.client_id, "client_secret": self._said.client_secret}
        proof: dict[str, Any] = {"auth": basic} if BASIC in methods else {"auth": _unchanged, **posted}
        try:
            return dict(client.fetch_token(endpoint, code=code, code_verifier=verifier, **proof))
        except httpx.HTTPError:
            raise OidcError(OidcFault.UNREACHABLE) from None
        except (OAuth2Error, ValueError):
            raise OidcError(OidcFault.CODE_REFUSED) from None

    def _checked(self, http: httpx.Client, token: dict[str, Any], nonce: str) -> Mapping[str, Any]:
        """The claims of the signed token, checked for issuer, audience, time and nonce."""
        offered = self._description.get("id_token_signing_alg_values_supported", ["RS256"])
        try:
            read = self._read(http, str(token.get("id_token", "")), [a for a in offered if a in ALGORITHMS])
            claims = CodeIDToken(
                read.claims,
                read.header,
                options={
                    "iss": {"essential": True, "value": self._said.issuer},
                    "aud": {"essential": True, "value": self._said.client_id},
                },
                params={
                    "nonce": nonce,
                    "client_id": self._said.client_id,
                    "access_token": token.get("access_token"),
                },
            )
            claims.validate(now=int(self._clock.now().timestamp()), leeway=LEEWAY)
        except (JoseError, ValueError):
            raise OidcError(OidcFault.BAD_TOKEN) from None
        return cast(Mapping[str, Any], claims)

    def _read(self, http: httpx.Client, signed: str, algorithms: list[str]) -> jwt.Token:
        try:
            return jwt.decode(signed, self._key_set(http), algorithms=algorithms)
        except InvalidKeyIdError:
            return jwt.decode(signed, self._key_set(http, anew=True), algorithms=algorithms)

    def _key_set(self, http: httpx.Client, *, anew: bool = False) -> KeySet:
        with self._lock:
            if self._keys is None or anew:
                found = self._get(http, self._described_already("jwks_uri"))
                self._keys = KeySet.import_key_set(cast(KeySetSerialization, found))
            return self._keys

    def _described(self, http: httpx.Client, what: str) -> str:
        """An address of the provider's own description, which must be of the issuer we trust."""
        with self._lock:
            if not self._description:
                found = self._get(http, f"{self._said.issuer}/.well-known/openid-configuration")
                if str(found.get("issuer", "")).rstrip("/") != self._said.issuer:
                    raise OidcError(OidcFault.UNREACHABLE)
                self._description = found
            return self._described_already(what)

    def _described_already(self, what: str) -> str:
        address = self._description.get(what)
        if not isinstance(address, str):
            raise OidcError(OidcFault.UNREACHABLE)
        return address

    def _get(self, http: httpx.Client, address: str) -> dict[str, Any]:
        try:
            answer = http.get(address)
            answer.raise_for_status()
            return dict(answer.json())
        except (httpx.HTTPError, ValueError, TypeError):
            raise OidcError(OidcFault.UNREACHABLE) from None

    def _client(self, http: httpx.Client, redirect_uri: str) -> OAuth2Client:
        return OAuth2Client(
            http,
            client_id=self._said.client_id,
            client_secret=self._said.client_secret,
            scope="openid profile email",
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
        )

    def _http(self) -> httpx.Client:
        return httpx.Client(timeout=SECONDS)


def _unchanged(request: httpx.Request) -> httpx.Request:
    """No proof in the header: it is in the body."""
    return request
