"""Links and pictures of messages: says where a link leads, keeps that it was followed. Leads nowhere that was not in the message."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from schwung.app.log import described, log
from schwung.app.touches import note_touch, where
from schwung.core.errors import SchwungError

router = APIRouter(prefix="/m", include_in_schema=False)
_PICTURE = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"
)  # one transparent pixel, GIF
_HEADERS = {
    "Cache-Control": "no-store, private",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "X-Content-Type-Options": "nosniff",
}


@router.api_route("/{token}", methods=["GET", "HEAD"])
def follow(request: Request, token: str) -> Response:
    """A reader gets where they wanted to, whatever becomes of the count."""
    workspace = request.app.state.workspace
    touch = where(workspace, token)
    if touch is None:
        return Response("Not found", 404, headers=_HEADERS, media_type="text/plain")
    try:
        note_touch(workspace, touch, request.headers.get("user-agent", ""), is_head=request.method == "HEAD")
    except SchwungError as error:
        log("touch_not_kept", level="warning", **described(error))
    if touch.url:
        return RedirectResponse(touch.url, 302, headers=_HEADERS)
    return Response(_PICTURE, headers=_HEADERS, media_type="image/gif")
