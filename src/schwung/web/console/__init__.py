"""The console, one folder per area: routes, pages, texts.toml.

To add an area:

1. A folder here with `routes.py`, its `*.html` and `texts.toml` (every key with `en` and `de`; `title` is the name in the navigation).
2. Its name in AREAS below, at its place in the navigation.

`routes.py` says what the area is and answers requests:

    router = console_router()                       # checks session, CSRF, errors; sets security headers
    AREA = Area("sources", path="/sources", group="data", icon="plug", router=router)

    @router.get("/sources")
    def sources(page: Viewer) -> Response:          # Viewer, Editor or Owner: the least role that may call it
        return page.render("sources/list.html", keys=...)

    @router.post("/sources")
    def create(page: Editor, name: Annotated[str, Form()]) -> Response:
        return page.go("/sources", toast=page.text("created", name=name), undo="/sources/7/undo")

Pages extend `shell/base.html`; `t("key")` is a text of the own area, `t("shell:key")` one of the shell; parts (icon, tile, toast, empty …) are macros in
`shell/parts.html`; numbers, dates and money are filters of `format.py`. Every form holds `{{ csrf_field() }}`; htmx sends the token by itself.
Icons must stand in `icons.txt` (then `make kit`). No inline style or script: the Content-Security-Policy forbids both.
"""

AREAS = (
    "access",
    "home",
    "flywheel",
    "findings",
    "metrics",
    "funnels",
    "lifecycle",
    "journey_map",
    "audit",
    "attribution",
    "budget",
    "together",
    "models",
    "forecast",
    "boards",
    "customers",
    "segments",
    "lists",
    "journeys",
    "tasks",
    "consent",
    "messages",
    "templates",
    "experiments",
    "personas",
    "potential",
    "imports",
    "sources",
    "live",
    "quarantine",
    "settings",
    "health",
    "account",
    "team",
)
