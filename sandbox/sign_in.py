"""Signing in: X's OAuth 1.0a with a PIN, and Mastodon's OAuth 2 with a shown code.

Sources. X: docs.x.com, *PIN-based OAuth* (seen 2026-11-25). Not read for this, and so
no better than S whatever stands below: X's pages of ``oauth/request_token``,
``authorize`` and ``access_token``; docs.joinmastodon.org, *methods/apps* and
*methods/oauth*, and Doorkeeper, which serves them.
C, confirmed; S, second-hand; T, to be tried.
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import escape
from typing import Annotated
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from sandbox import oauth1
from sandbox.mastodon_auth import MastodonError, answer, first, parameters
from sandbox.store import Account, Network
from sandbox.world import World, world_of

router = APIRouter()
OOB = "urn:ietf:wg:oauth:2.0:oob"
CODE_LIVES = timedelta(minutes=10)  # C: Doorkeeper, authorization_code_expires_in
_SCOPES = frozenset(
    ["read", "write", "follow", "push", "profile"]
    + [f"{kind}:{what}" for kind in ("read", "write") for what in
       ("accounts", "bookmarks", "favourites", "lists", "notifications", "statuses")]
    + ["write:media", "read:search"]
)  # fmt: skip
UNKNOWN = (32, "Could not authenticate you.")
EXPIRED = (89, "Invalid or expired token.")
BAD_PIN = "Error processing your OAuth request: Invalid oauth_verifier parameter"


@dataclass(slots=True)
class RequestToken:
    """One of X's, until it was given for an access token."""

    consumer_key: str
    secret: str
    pin: str = ""  # empty until a person let the app in
    account: Account | None = None


@dataclass(slots=True)
class App:
    """A registered Mastodon app."""

    secret: str
    scopes: frozenset[str]
    redirects: tuple[str, ...]


@dataclass(slots=True)
class Code:
    """A Mastodon authorization code, good once."""

    client_id: str
    account: Account
    scopes: tuple[str, ...]
    made_at: datetime


@dataclass(slots=True)
class SignIns:
    """Everything that is under way."""

    tokens: dict[str, RequestToken] = field(default_factory=dict)
    apps: dict[str, App] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)


def _under_way(world: World) -> SignIns:
    if world.sign_ins is None:
        world.sign_ins = SignIns()
    found: SignIns = world.sign_ins
    return found


def approve(world: World, address: str, account: Account) -> str:
    """A person opens ``address``, lets the app in, and is shown this code.

    Raises:
        LookupError: the page would show an error and no code.
    """
    given = {n: v[0] for n, v in parse_qs(urlsplit(address).query).items()}
    kept = _under_way(world)
    if account.network is Network.X:
        token = kept.tokens[given["oauth_token"]]
        # each office of the sandbox has an app of its own
        if token.pin or token.consumer_key != account.secrets["consumer_key"]:
            raise LookupError("this token lets nobody in")
        token.pin = f"{secrets.randbelow(10**7):07}"  # C: seven digits
        token.account = account
        return token.pin
    app = kept.apps[given["client_id"]]
    scopes = tuple(given.get("scope", "read").split())
    # C: Doorkeeper refuses another redirect_uri or scope than the app registered
    if given.get("response_type") != "code" or given["redirect_uri"] not in (
        app.redirects
    ):
        raise LookupError("The redirect uri included is not valid.")
    if not app.scopes.issuperset(scopes):
        raise LookupError("The requested scope is invalid, unknown, or malformed.")
    code = secrets.token_urlsafe(32)
    kept.codes[code] = Code(given["client_id"], account, scopes, world.store.now())
    return code


@router.get("/oauth/authorize")
def authorize_page(request: Request) -> Response:
    """Where a person lets an app in, as one of the offices' accounts."""
    offices = world_of(request).store.offices()
    network = _network_of(request)
    names = [one.handle for one in offices if one.network is network]
    buttons = "".join(
        f'<p><button name="handle" value="{escape(name)}">@{escape(name)}</button></p>'
        for name in names
    )
    return _page("Izinkan Kentongan sebagai:", f'<form method="post">{buttons}</form>')


@router.post("/oauth/authorize")
def authorize(request: Request, handle: Annotated[str, Form()] = "") -> Response:
    """Show the code; 400 where the network would show an error."""
    world, network = world_of(request), _network_of(request)
    account = world.store.find_account(network, handle)
    refused = _page("Permintaan ini tidak berlaku.", "", 400)
    if account is None or not account.secrets:
        return refused
    try:
        code = approve(world, str(request.url), account)
    except LookupError:
        return refused
    return _page("Salin kode ini:", f"<p><code>{escape(code)}</code></p>")


def _network_of(request: Request) -> Network:
    """Both networks use one path; X's has a request token."""
    is_x = "oauth_token" in request.query_params
    return Network.X if is_x else Network.MASTODON


def _page(title: str, body: str, status: int = 200) -> Response:
    head = f'<!doctype html><html lang="id"><title>{title}</title>'
    return HTMLResponse(f"{head}<h1>{title}</h1>{body}</html>", status)


# X


@router.post("/oauth/request_token")
async def request_token(request: Request) -> Response:
    """A request token for an app whose key and secret sign the request."""
    world = world_of(request)
    header = oauth1.parse_header(request.headers.get("authorization", ""))
    key = header.get("oauth_consumer_key", "")
    owner = world.store.by_secret(Network.X, "consumer_key", key)
    if owner is None or not await _signed(request, header, owner, ""):
        return _x_error(401, *UNKNOWN)  # C: also for a wrong consumer secret
    # C: oauth_callback is required, "oob" for the PIN; 415 for one not approved
    if header.get("oauth_callback") != "oob":
        return _x_error(403, 415, "Callback URL not approved for this client app.")
    token, secret = secrets.token_urlsafe(20), secrets.token_urlsafe(24)
    _under_way(world).tokens[token] = RequestToken(key, secret)
    told = {"oauth_token": token, "oauth_token_secret": secret}
    return _x_form(told | {"oauth_callback_confirmed": "true"})


@router.post("/oauth/access_token")
async def access_token(request: Request) -> Response:
    """The account's token for a request token and its PIN, once."""
    world = world_of(request)
    tokens = _under_way(world).tokens
    header = oauth1.parse_header(request.headers.get("authorization", ""))
    name = header.get("oauth_token", "")
    token = tokens.get(name)
    key = header.get("oauth_consumer_key", "")
    owner = world.store.by_secret(Network.X, "consumer_key", key)
    if token is None or owner is None or token.consumer_key != key:
        return _x_error(401, *EXPIRED)
    if not await _signed(request, header, owner, token.secret):
        return _x_error(401, *UNKNOWN)
    form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
    pin = header.get("oauth_verifier") or form.get("oauth_verifier", "")
    del tokens[name]  # T: whether X lets a wrong PIN be tried again; here it does not
    account = token.account
    if account is None or not secrets.compare_digest(pin.encode(), token.pin.encode()):
        return Response(BAD_PIN, 401, media_type="text/html; charset=utf-8")
    told = {
        "oauth_token": account.secrets["access_token"],  # C: the same for app and user
        "oauth_token_secret": account.secrets["access_token_secret"],
        "user_id": str(account.id),
        "screen_name": account.handle,
    }
    return _x_form(told)


async def _signed(
    request: Request, header: dict[str, str], owner: Account, token_secret: str
) -> bool:
    world = world_of(request)
    signed = oauth1.Signed(
        method=request.method,
        path=request.scope["raw_path"].decode("ascii"),
        query=request.url.query,
        form=(await request.body()).decode("utf-8", "replace"),
    )
    secret = owner.secrets["consumer_secret"]
    return (
        oauth1.is_fresh(header)
        and oauth1.is_valid(signed, header, secret, token_secret, world.url)
        and world.nonces.first_use(header.get("oauth_nonce", ""))
    )


def _x_error(status: int, code: int, message: str) -> Response:
    return JSONResponse({"errors": [{"code": code, "message": message}]}, status)


def _x_form(told: dict[str, str]) -> Response:
    return Response(urlencode(told), media_type="text/html; charset=utf-8")  # C


# Mastodon


@router.post("/api/v1/apps")
async def register_app(request: Request) -> Response:
    """Register an app; 422 without a name, a redirect, or with an unknown scope."""
    given = await parameters(request)
    name, redirects = first(given, "client_name"), first(given, "redirect_uris")
    scopes = first(given, "scopes", "read").split()  # C: ``read`` when not given
    if not name or not redirects:
        raise MastodonError(422, "Validation failed: Application name can't be blank")
    if not _SCOPES.issuperset(scopes):
        message = "Validation failed: Scopes doesn't match configured on the server."
        raise MastodonError(422, message)
    client_id, secret = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    app = App(secret, frozenset(scopes), tuple(redirects.split("\n")))
    _under_way(world_of(request)).apps[client_id] = app
    body = {
        "id": "1",
        "name": name,
        "website": first(given, "website") or None,
        "scopes": scopes,
        "redirect_uri": redirects,
        "redirect_uris": list(app.redirects),
        "client_id": client_id,
        "client_secret": secret,
        "vapid_key": "",
    }
    return answer(request, body)


@router.post("/oauth/token")
async def token(request: Request) -> Response:
    """The account's token for a code, once.

    C: Doorkeeper answers 401 ``invalid_client`` for a wrong client or secret, and 400
    ``invalid_grant`` for a code that is unknown, used, late, another app's, or that
    comes with another ``redirect_uri``.
    """
    given, world = await parameters(request), world_of(request)
    kept = _under_way(world)
    client_id = first(given, "client_id")
    app = kept.apps.get(client_id)
    if app is None or app.secret != first(given, "client_secret"):
        raise MastodonError(401, "invalid_client")
    if first(given, "grant_type") != "authorization_code":
        raise MastodonError(400, "unsupported_grant_type")
    code = kept.codes.get(first(given, "code"))
    if (
        code is None
        or code.client_id != client_id
        or first(given, "redirect_uri") not in app.redirects
        or world.store.now() - code.made_at > CODE_LIVES
    ):
        raise MastodonError(400, "invalid_grant")
    del kept.codes[first(given, "code")]
    body = {
        "access_token": code.account.secrets["access_token"],  # C: reuse_access_token
        "token_type": "Bearer",
        "scope": " ".join(code.scopes),
        "created_at": int(world.store.now().timestamp()),
    }
    return answer(request, body)
