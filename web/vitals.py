"""For machines: ``/healthz`` and, on loopback only, ``/metrics``."""

import ipaddress
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse, Response

from models.database import StorageFailed
from models.scope import SystemScope
from pipeline.metrics import Metrics
from web.site import site_of

router = APIRouter()


@router.get("/healthz")
def healthz(request: Request) -> JSONResponse:
    """200 while the database answers and the tasks run, else 503; no secrets."""
    site = site_of(request)
    parts: dict[str, Any] = {"database": "ok"}
    well = True
    try:
        with site.store.read(SystemScope("vitals")) as work:
            work.offices.all()
    except StorageFailed as error:
        parts["database"], well = error.problem.value, False
    if site.engine is not None:
        for line in site.engine.healthy(site.now()):
            parts[line.name] = line.said
            well = well and line.ok
    return JSONResponse(
        {"status": "ok" if well else "failing", **parts},
        status_code=200 if well else 503,
    )


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """Counts for Prometheus; other machines get 404."""
    host = request.client.host if request.client else ""
    if not _is_loopback(host):
        raise HTTPException(404)
    site = site_of(request)
    if site.engine is not None:
        content = site.engine.render_metrics()
    else:
        content = Metrics().render(site.store, site.now())
    return Response(content, media_type="text/plain; version=0.0.4; charset=utf-8")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
