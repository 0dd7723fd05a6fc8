"""The API's description: it holds of every route, of every answer, and the copy in docs/ is the same."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import aiohttp
import jsonschema
import pytest

from crawler.daemon.api.control import Control
from crawler.daemon.api.openapi import api_document
from tests.daemon.api.test_control import RUN, FakeDaemon

COPY = Path(__file__).parents[3] / "docs" / "openapi.json"


async def _ask(folder: Path, method: str, path: str, body: object = None) -> tuple[int, object]:
    control = Control(FakeDaemon(), folder / "s", described=api_document)
    await control.start()
    try:
        async with (
            aiohttp.ClientSession(connector=aiohttp.UnixConnector(path=str(folder / "s"))) as session,
            session.request(method, f"http://warraq{path}", json=body) as response,
        ):
            return response.status, await response.json()
    finally:
        await control.stop()


def test_the_copy_in_the_documentation_is_the_same():
    """Write it anew with: python -c "import json; from crawler.daemon.api.openapi import document;
    print(json.dumps(document(), indent=1))" > docs/openapi.json"""
    assert json.loads(COPY.read_text()) == json.loads(json.dumps(api_document()))


def test_every_route_is_described_and_no_other(tmp_path: Path):
    control = Control(FakeDaemon(), tmp_path / "s", described=api_document)
    routes = {
        (route.method.lower(), route.resource.canonical)
        for route in control._runner.app.router.routes()
        if route.resource is not None and route.method != "HEAD"
    }
    described = {(method, path) for path, methods in api_document()["paths"].items() for method in methods}
    assert routes - {("get", "/api/openapi.json")} == described


def test_every_reference_leads_somewhere():
    text = json.dumps(api_document())
    named = set(re.findall(r'"#/components/schemas/(\w+)"', text))
    assert named == set(api_document()["components"]["schemas"])


@pytest.mark.parametrize(
    ("method", "path", "body", "route"),
    [
        ("post", "/api/runs", {"targets": ["a"]}, "/api/runs"),
        ("post", "/api/runs", {"targets": ["b"]}, "/api/runs"),
        ("post", "/api/runs", {"targets": ["full"]}, "/api/runs"),
        ("get", f"/api/runs/{RUN.id}", None, "/api/runs/{id}"),
        ("get", "/api/runs/nobody", None, "/api/runs/{id}"),
        ("get", "/api/status", None, "/api/status"),
        ("post", "/api/sites/a/pause", None, "/api/sites/{name}/pause"),
        ("post", "/api/sites/a/resume", None, "/api/sites/{name}/resume"),
    ],
)
def test_each_answer_is_as_described(tmp_path: Path, method, path, body, route):
    status, answer = asyncio.run(_ask(tmp_path, method, path, body))
    told = api_document()
    content = told["paths"][route][method]["responses"][str(status)]["content"]
    schema = {**content["application/json"]["schema"], "components": told["components"]}
    jsonschema.validate(answer, schema)


def test_the_daemon_serves_it(tmp_path: Path):
    assert asyncio.run(_ask(tmp_path, "GET", "/api/openapi.json")) == (200, json.loads(json.dumps(api_document())))
