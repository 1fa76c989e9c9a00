"""The mail that asks for confirmation, to begin with."""

from collections.abc import Mapping
from typing import Any

_BODY = """<mjml><mj-body><mj-section><mj-column>
<mj-text font-size="22px" font-weight="600">{title}</mj-text>
<mj-text>{lead}</mj-text>
<mj-text font-style="italic">{{{{ journey.consent_text }}}}</mj-text>
<mj-button href="{{{{ journey.confirm_url }}}}">{button}</mj-button>
<mj-text color="#5f6b72">{note}</mj-text>
<mj-text color="#5f6b72">{{{{ company.imprint | newline_to_br }}}}</mj-text>
</mj-column></mj-section></mj-body></mjml>"""

TEMPLATE: Mapping[str, Any] = {
    "purpose": "double_opt_in",
    "advertising": False,
    "expects": {
        "confirm_url": "https://example.org/p/confirm/abc",
        "consent_text": "Ja, ich möchte den Newsletter erhalten.",
    },
    "en": {
        "subject": "Please confirm your subscription",
        "preheader": "One click, and it holds.",
        "body": _BODY.format(
            title="Please confirm",
            lead="This address was entered with the following words:",
            button="Confirm",
            note="If this was not you, do nothing: nothing more will come, and the address is deleted after 14 days.",
        ),
    },
    "de": {
        "subject": "Bitte bestätigen Sie Ihre Anmeldung",
        "preheader": "Ein Klick, dann gilt es.",
        "body": _BODY.format(
            title="Bitte bestätigen",
            lead="Diese Adresse wurde mit folgender Erklärung eingetragen:",
            button="Bestätigen",
            note="Waren Sie das nicht, tun Sie nichts: Es kommt nichts weiter, und die Adresse wird nach 14 Tagen gelöscht.",
        ),
    },
}
