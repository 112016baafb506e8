"""HTTP functions that show what the host handed them."""

from __future__ import annotations

import gzip
import json
import logging
import time

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
log = logging.getLogger("sample")


def _echo(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    seen = {
        "function": context.function_name,
        "invocation": context.invocation_id,
        "method": req.method,
        "url": req.url,
        "headers": dict(req.headers.items()),
        "query": dict(req.params),
        "route": dict(req.route_params),
        "body": len(req.get_body()),
    }
    log.info("echo says hello")
    return func.HttpResponse(json.dumps(seen), mimetype="application/json", headers={"X-Echo": "yes"})


@app.route(route="jobs/{job_id:guid?}", methods=["GET", "POST"])
def jobs(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return _echo(req, context)


@app.route(route="files/{*path}")
def files(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return _echo(req, context)


@app.route(route="keyed", auth_level=func.AuthLevel.FUNCTION)
def keyed(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return _echo(req, context)


@app.route(route="admins", auth_level=func.AuthLevel.ADMIN)
def admins(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return _echo(req, context)


@app.route(methods=["GET"])
def nameless(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return _echo(req, context)


@app.route(route="turned-off")
def turned_off(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return _echo(req, context)


@app.route(route="raises")
def raises(req: func.HttpRequest) -> func.HttpResponse:
    raise ValueError("no such thing")


@app.route(route="bare-string")
def bare_string(req: func.HttpRequest) -> str:
    return '{"a": 1}'


@app.route(route="nothing")
def nothing(req: func.HttpRequest) -> func.HttpResponse:
    return None  # type: ignore[return-value]


@app.route(route="packed", methods=["GET", "HEAD"])
def packed(req: func.HttpRequest) -> func.HttpResponse:
    body = gzip.compress(b"hits", mtime=0)
    headers = {"Content-Encoding": "gzip", "ETag": '"x"', "Content-Length": str(len(body))}
    return func.HttpResponse(
        b"" if req.method == "HEAD" else body, mimetype="application/json", headers=headers
    )


@app.route(route="not-modified")
def not_modified(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(status_code=304, headers={"ETag": '"x"'})


@app.route(route="cookies")
def cookies(req: func.HttpRequest) -> func.HttpResponse:
    response = func.HttpResponse("yes")
    response.headers.add("Set-Cookie", "a=1; Path=/")
    response.headers.add("Set-Cookie", "b=2")
    return response


@app.route(route="slow/{seconds}")
def slow(req: func.HttpRequest) -> func.HttpResponse:
    time.sleep(float(req.route_params["seconds"]))
    return func.HttpResponse("woke")
