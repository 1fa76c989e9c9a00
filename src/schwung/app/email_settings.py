"""The settings about e-mail: who sends, by which server, and what stands in every e-mail."""

from typing import ClassVar, Literal

from schwung.app.setting import Section, setting
from schwung.core.text import Text

_ADDRESS = r"^$|^[^@\s<>,;\x00-\x1f]+@[^@\s<>,;\x00-\x1f]+\.[^@\s<>,;\x00-\x1f]+$"
_LINE = r"^[^\x00-\x1f]*$"


class EmailSettings(Section):
    """E-mail: who sends, and by which server."""

    title: ClassVar[Text] = Text(
        "E-mail: who sends, and by which server.", "E-Mail: wer versendet, und über welchen Server."
    )

    sender: str = setting(
        "",
        pattern=_ADDRESS,
        text=Text(
            "Address of the sender; empty: no e-mail is sent.", "Adresse des Absenders; leer: kein E-Mail-Versand."
        ),
    )
    sender_name: str = setting(
        "",
        pattern=_LINE,
        text=Text("Name of the sender; empty: the company's.", "Name des Absenders; leer: der Name der Firma."),
    )
    reply_to: str = setting(
        "",
        pattern=_ADDRESS,
        text=Text("Address for answers; empty: the sender's.", "Adresse für Antworten; leer: die des Absenders."),
    )
    imprint: str = setting(
        "",
        text=Text(
            "Imprint at the foot of advertising: firm, address, register. A line break is written \\n.",
            "Impressum am Fuß werblicher E-Mails: Firma, Anschrift, Register. Ein Zeilenumbruch schreibt sich \\n.",
        ),
    )
    server: str = setting(
        "",
        pattern=_LINE,
        text=Text("Mail server (SMTP); empty: no e-mail is sent.", "Mailserver (SMTP); leer: kein E-Mail-Versand."),
    )
    port: int = setting(587, ge=1, le=65535, text=Text("Its port.", "Sein Port."))
    security: Literal["starttls", "tls", "none"] = setting(
        "starttls",
        text=Text(
            "How the connection is protected: starttls, tls (from the start), none (within the house only).",
            "Wie die Verbindung geschützt ist: starttls, tls (von Beginn an), none (nur im eigenen Haus).",
        ),
    )
    user: str = setting("", pattern=_LINE, text=Text("User name at the server.", "Benutzername am Server."))
    password: str = setting(
        "",
        text=Text(
            "Password at the server; best set from outside as SCHWUNG_EMAIL__PASSWORD.",
            "Passwort am Server; am besten von außen gesetzt als SCHWUNG_EMAIL__PASSWORD.",
        ),
    )
    timeout_seconds: int = setting(
        30, ge=1, le=600, text=Text("Seconds to wait for the server.", "Sekunden, die auf den Server gewartet wird.")
    )
    dkim_domain: str = setting(
        "",
        pattern=r"^[A-Za-z0-9.-]*$",
        text=Text(
            "Domain that signs (DKIM); empty: the server signs.",
            "Domain, die signiert (DKIM); leer: der Server signiert.",
        ),
    )
    dkim_selector: str = setting(
        "schwung",
        pattern=r"^[A-Za-z0-9._-]+$",
        text=Text("Selector of the DKIM key in the DNS.", "Selektor des DKIM-Schlüssels im DNS."),
    )
    dkim_key: str = setting(
        "dkim.pem",
        text=Text(
            "File with the private key, relative to the workspace.",
            "Datei mit dem privaten Schlüssel, relativ zum Arbeitsbereich.",
        ),
    )
    shop_domains: tuple[str, ...] = setting(
        (),
        text=Text(
            "Domains of the shop: links there say from which message they were followed (UTM).",
            "Domains des Shops: Links dorthin nennen die Nachricht, aus der sie kommen (UTM).",
        ),
    )
    utm_source: str = setting(
        "schwung",
        pattern=r"^[\w.-]+$",
        text=Text("utm_source of these links.", "utm_source dieser Links."),
    )

    @property
    def is_ready(self) -> bool:
        """Whether e-mail can be sent."""
        return bool(self.sender and self.server)
