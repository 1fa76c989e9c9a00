"""The HTTP API below /api/v1/: one file per subject, each with a `router`; keys of scope read or admin open it."""

# One line per subject: a module of this folder with `router`.
SUBJECTS: tuple[str, ...] = (
    "metrics",
    "flywheel",
    "findings",
    "lifecycle",
    "journey_map",
    "audit",
    "models",
    "forecast",
    "customers",
    "consents",
    "lists",
    "segments",
    "journeys",
    "experiments",
    "templates",
    "messages",
    "personas",
    "funnels",
    "attribution",
    "budget",
    "together",
    "potential",
    "boards",
    "report",
)
