"""The two addresses that a reviewer's screen talks to, beside Streamlit's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.app.review.desk import Desks
from pipeline.app.review.view import picture

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

DESKS = Desks()
# No decision is longer.
_MOST_BYTES = 4096


def routes() -> list[Route]:
    """For ``streamlit.App(routes=...)``. The name of the desk in the address is what lets somebody in."""
    from starlette.routing import Route

    return [
        Route("/desk/{desk}", exchange, methods=["POST"]),
        Route("/desk/{desk}/{field:int}.png", image, methods=["GET"]),
    ]


async def exchange(request: Request) -> Response:
    """One exchange as JSON; see :meth:`pipeline.app.review.desk.Desk.exchange`."""
    from starlette.concurrency import run_in_threadpool
    from starlette.responses import JSONResponse

    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BYTES:
            return JSONResponse({"error": f"expected at most {_MOST_BYTES} bytes"}, status_code=413)
    return await run_in_threadpool(_answered, request.path_params["desk"], bytes(body))


def _answered(name: str, body: bytes) -> Response:
    import json

    from starlette.responses import JSONResponse

    try:
        sent: Any = json.loads(body)
        return JSONResponse(DESKS[name].exchange(sent if isinstance(sent, dict) else {}))
    except KeyError:
        return JSONResponse({"error": "no such desk"}, status_code=404)
    except ValueError as error:
        return JSONResponse({"error": str(error)}, status_code=400)


def image(request: Request) -> Response:
    """The picture of a field of the desk."""
    from starlette.responses import PlainTextResponse, Response

    try:
        field = DESKS[request.path_params["desk"]].store.field(request.path_params["field"])
        data = picture(field)
    except KeyError:
        return PlainTextResponse("no such field", status_code=404)
    except (OSError, ValueError) as error:
        return PlainTextResponse(str(error), status_code=422)
    return Response(data, media_type="image/png", headers={"Cache-Control": "private, max-age=3600"})
