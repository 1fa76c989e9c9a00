"""Styles, scripts and the kit, sent compressed and cached for ever under an address that names their content."""

import hashlib
import mimetypes
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response

OWN = Path(__file__).parent / "assets"
KIT = Path(__file__).parents[1] / "kit"
FOLDERS = {"own": OWN, "kit": KIT}

router = APIRouter(include_in_schema=False)


def kit_is_built() -> bool:
    return (KIT / ".ready").exists()


@cache
def address_of(name: str) -> str:
    """`own/console.css` → its address with the hash of its content. A missing file keeps its plain address."""
    folder, _, rest = name.partition("/")
    path = FOLDERS[folder] / rest
    if not path.exists():
        return f"/assets/{name}"
    return f"/assets/{name}?v={hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"


@router.get("/assets/{folder}/{name:path}")
def asset(request: Request, folder: str, name: str) -> Response:
    root = FOLDERS.get(folder)
    path = (root / name).resolve() if root else None
    if root is None or path is None or not path.is_relative_to(root.resolve()) or not path.is_file():
        return Response(status_code=404)
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable" if "v" in request.query_params else "no-cache",
        "X-Content-Type-Options": "nosniff",
        "Vary": "Accept-Encoding",
    }
    kind = "text/javascript" if path.suffix == ".js" else mimetypes.guess_type(path.name)[0]
    packed = path.with_name(path.name + ".gz")
    if packed.exists() and "gzip" in request.headers.get("accept-encoding", ""):
        return FileResponse(packed, media_type=kind, headers={**headers, "Content-Encoding": "gzip"})
    return FileResponse(path, media_type=kind, headers=headers)
