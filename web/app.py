"""The dashboard as one ASGI application."""

from typing import Any

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

from config.keys import Vault
from config.settings import Settings
from pipeline.unit import Now, Store, now_utc
from web import errors
from web.crowd import Crowd, Visitors
from web.guard import Guard
from web.head import Head
from web.pages import (
    accounts,
    api,
    approvals,
    audit,
    boxes,
    calendar,
    compose,
    deliveries,
    ideas,
    keys,
    media,
    mood,
    outlet,
    own,
    people,
    queries,
    recipients,
    report,
    series,
    sign_in,
    sources,
    stops,
    suggest,
    templates,
    today,
    voices,
    withdrawals,
)
from web.site import Site
from web.static_files import OwnFiles
from web.vitals import router as vitals

PAGES = (
    api,
    media,
    outlet,
    suggest,
    sign_in,
    own,
    today,
    calendar,
    compose,
    templates,
    approvals,
    deliveries,
    withdrawals,
    voices,
    queries,
    boxes,
    ideas,
    sources,
    mood,
    report,
    accounts,
    audit,
    stops,
    series,
    recipients,
    people,
    keys,
)


def create_app(
    store: Store,
    settings: Settings,
    vault: Vault,
    engine: Any = None,
    now: Now = now_utc,
) -> FastAPI:
    """Build the dashboard over an open store.

    Args:
        engine: the running clock and workers, asked for their health only; None in a
            process that serves pages and nothing else.
    """
    app = FastAPI(title="Kentongan", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.site = Site(store, settings, vault, engine, now)
    app.state.visitors = Visitors()
    for page in PAGES:
        app.include_router(page.router)
    app.include_router(vitals)
    app.mount("/static", OwnFiles(), name="static")
    errors.install(app)
    app.add_middleware(errors.Edge)
    app.add_middleware(GZipMiddleware, minimum_size=1_000)
    app.add_middleware(
        Guard,
        refuse=errors.refuse_request,
        public_url=settings.public_url,
        largest_film=settings.max_video_mib * 1024 * 1024,
    )
    app.add_middleware(Head)
    app.add_middleware(Crowd)
    return app
