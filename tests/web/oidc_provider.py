"""An identity provider of the tests' own: Authlib's authorization server behind real HTTP, which can be made to lie."""

from __future__ import annotations

import secrets
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin, OAuth2Request
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import OpenIDCode, UserInfo
from fastapi import FastAPI, Request
from joserfc.jwk import KeySet, RSAKey
from starlette.responses import JSONResponse, Response

from mingjian.domain.clock import Clock

CLIENT_ID, CLIENT_SECRET = "mingjian", "a secret between the two"
RETURN = "http://testserver/sign-in/oidc/return"


@dataclass
class Provider:
    """Who is at the keyboard (`claims`), and what the next token says instead of the truth (`lies`)."""

    clock: Clock
    address: str = ""
    claims: dict[str, Any] = field(default_factory=lambda: {"sub": "7", "preferred_username": "inspector"})
    lies: dict[str, Any] = field(default_factory=dict)
    signing: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    published: list[RSAKey] = field(default_factory=list)
    codes: dict[str, Code] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.published = [self.signing]


@dataclass
class Code:
    """An authorization code, good once."""

    redirect_uri: str
    scope: str
    nonce: str | None
    code_challenge: str
    code_challenge_method: str

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str | None:
        return self.nonce

    def get_auth_time(self) -> None:
        return None

    get_acr = get_amr = get_auth_time


class _Client(ClientMixin):
    def get_client_id(self) -> str:
        return CLIENT_ID

    def get_default_redirect_uri(self) -> str:
        return RETURN

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == RETURN

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == CLIENT_SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


class _Asked(OAuth2Request):
    """A request as Authlib reads it; the transport is loopback, so it is told https."""

    def __init__(self, request: Request, form: dict[str, str]) -> None:
        super().__init__(request.method, str(request.url.replace(scheme="https")), headers=request.headers)
        self._args, self._form = dict(request.query_params), form
        self.payload = BasicOAuth2Payload({**self._args, **form})
        self.payload._datalist = defaultdict(list, self.payload._datalist)

    @property
    def args(self) -> dict[str, str]:
        return self._args

    @property
    def form(self) -> dict[str, str]:
        return self._form


class _Server(AuthorizationServer):
    def __init__(self) -> None:
        super().__init__(scopes_supported=["openid", "profile", "email"])
        self.register_token_generator(
            "default", BearerTokenGenerator(lambda *a, **k: secrets.token_urlsafe(16))
        )

    def query_client(self, client_id: str) -> _Client | None:
        return _Client() if client_id == CLIENT_ID else None

    def save_token(self, token: dict[str, Any], request: OAuth2Request) -> None:
        pass

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        pass

    def create_oauth2_request(self, request: OAuth2Request) -> OAuth2Request:
        return request

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> Response:
        if isinstance(body, dict):
            return JSONResponse(body, status, dict(headers))
        return Response(body, status, dict(headers))


def _grants(provider: Provider) -> tuple[type[AuthorizationCodeGrant], OpenIDCode]:
    class Grant(AuthorizationCodeGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic",)

        def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
            said = request.payload.data
            provider.codes[code] = Code(
                redirect_uri=said["redirect_uri"],
                scope=said["scope"],
                nonce=said.get("nonce"),
                code_challenge=said["code_challenge"],
                code_challenge_method=said["code_challenge_method"],
            )

        def query_authorization_code(self, code: str, client: _Client) -> Code | None:
            return provider.codes.get(code)

        def delete_authorization_code(self, authorization_code: Code) -> None:
            provider.codes = {k: v for k, v in provider.codes.items() if v is not authorization_code}

        def authenticate_user(self, authorization_code: Code) -> dict[str, Any]:
            return provider.claims

    class OpenId(OpenIDCode):
        def exists_nonce(self, nonce: str, request: OAuth2Request) -> bool:
            return False

        def resolve_client_private_key(self, client: _Client) -> RSAKey:
            return provider.signing

        def get_encode_header(self, client: _Client) -> dict[str, str]:
            return {"alg": "RS256", "kid": provider.signing.kid or ""}

        def get_client_claims(self, client: _Client) -> dict[str, Any]:
            now = int(provider.clock.now().timestamp())
            return {
                "iss": provider.address,
                "aud": [CLIENT_ID],
                "iat": now,
                "exp": now + 300,
                "auth_time": now,
            }

        def generate_user_info(self, user: dict[str, Any], scope: str) -> UserInfo:
            return UserInfo({**user, **provider.lies})

    return Grant, OpenId(require_nonce=True)


def _app(provider: Provider) -> FastAPI:
    server, app = _Server(), FastAPI()
    grant, openid = _grants(provider)
    server.register_grant(grant, [CodeChallenge(required=True), openid])

    @app.get("/.well-known/openid-configuration")
    def describe() -> dict[str, Any]:
        return {
            "issuer": provider.address,
            "authorization_endpoint": f"{provider.address}/authorize",
            "token_endpoint": f"{provider.address}/token",
            "jwks_uri": f"{provider.address}/jwks",
            "id_token_signing_alg_values_supported": ["RS256", "none"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "code_challenge_methods_supported": ["S256"],
        }

    @app.get("/jwks")
    def keys() -> dict[str, Any]:
        return dict(KeySet(list(provider.published)).as_dict(private=False))

    @app.get("/authorize")
    def authorize(request: Request) -> Response:
        asked = _Asked(request, {})
        consent = server.get_consent_grant(asked, provider.claims or None)
        done: Response = server.create_authorization_response(asked, provider.claims or None, consent)
        return done

    @app.post("/token")
    async def token(request: Request) -> Response:
        form = {k: str(v) for k, v in (await request.form()).items()}
        done: Response = server.create_token_response(_Asked(request, form))
        return done

    return app


@contextmanager
def running(clock: Clock) -> Iterator[Provider]:
    """The provider on a free port of this machine."""
    provider = Provider(clock)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    provider.address = f"http://127.0.0.1:{port}"
    server = uvicorn.Server(uvicorn.Config(_app(provider), host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield provider
    server.should_exit = True
    thread.join(timeout=10)
