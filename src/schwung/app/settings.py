"""Settings of a workspace: `schwung.toml`, overridden by `SCHWUNG_<SECTION>__<NAME>` in the environment."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from schwung.app.deliver_settings import DeliverSettings
from schwung.app.email_settings import EmailSettings
from schwung.app.experiment_settings import ExperimentSettings
from schwung.app.friction_settings import FrictionSettings
from schwung.app.predict_settings import PredictSettings
from schwung.app.setting import Section, setting
from schwung.app.setting import text_of as text_of
from schwung.app.value_settings import ValueSettings
from schwung.app.visit_settings import VisitSettings
from schwung.app.webhook_settings import WebhookSettings
from schwung.collect.question import Questions, read_question
from schwung.core.errors import SetupError
from schwung.core.period import zones
from schwung.core.text import Text

FILE_NAME = "schwung.toml"
_TEST_ORDERS = re.compile(r"(@|[^\s@:%]+@)[^\s@:%_]+\.[^\s@:%_]+|(coupon|channel|payment|source):\S(.*\S)?")
"""An e-mail domain, an address, or a column of orders and its value."""


def _known_zone(name: str) -> str:
    if name not in zones():
        raise PydanticCustomError(
            "zone_unknown", "no time zone is named {name}; an example is Europe/Berlin", {"name": repr(name)}
        )
    return name


def _known_questions(written: dict[str, str]) -> dict[str, str]:
    for name, words in written.items():
        try:
            read_question(name, words)
        except ValueError as error:
            raise PydanticCustomError(
                "question_unknown",
                "the question {name} holds the word {word}",
                {"name": repr(name), "word": repr(str(error))},
            ) from error
    return written


def _known_test_orders(rules: tuple[str, ...]) -> tuple[str, ...]:
    for rule in rules:
        if not _TEST_ORDERS.fullmatch(rule):
            raise PydanticCustomError("test_order_unknown", "no rule {rule}", {"rule": repr(rule)})
    return rules


class SettingError(SetupError):
    """A setting has a value that it cannot have. name: with its section, `workspace.zone`; why: a clause, for beside the field."""

    def __init__(self, name: str, why: Text, path: Path) -> None:
        super().__init__(
            "setting_invalid",
            Text(en="The setting {name} is wrong: {why}.", de="Die Einstellung {name} ist falsch: {why}.").fill(
                name=name, why=why
            ),
            Text(en="Correct it in {path}.", de="In {path} berichtigen.").fill(path=path),
        )
        self.name = name
        self.why = why


# By pydantic's type of error; {…} are the values that it gives.
_WHY: Mapping[str, Text] = {
    "zone_unknown": Text(
        "there is no such time zone; an example is Europe/Berlin",
        "diese Zeitzone gibt es nicht; ein Beispiel ist Europe/Berlin",
    ),
    "question_unknown": Text(
        "the question {name} holds {word}, which is no metric, no scale such as 1-7, no direction and no phase",
        "die Frage {name} enthält {word}; das ist keine Kennzahl, keine Skala wie 1-7, keine Richtung und keine Phase",
    ),
    "test_order_unknown": Text(
        "{rule} is neither an e-mail domain such as @shop.example nor an address nor coupon:, channel:, payment: or source: with a value",
        "{rule} ist weder eine E-Mail-Domain wie @shop.example noch eine Adresse noch coupon:, channel:, payment: oder source: mit einem Wert",
    ),
    "string_pattern_mismatch": Text("it does not have the form that is expected", "sie hat nicht die erwartete Form"),
    "float_parsing": Text("a number such as 0.4 is expected", "erwartet wird eine Zahl, etwa 0.4"),
    "int_parsing": Text("a whole number is expected", "erwartet wird eine ganze Zahl"),
    "int_type": Text("a whole number is expected", "erwartet wird eine ganze Zahl"),
    "int_from_float": Text("a whole number is expected", "erwartet wird eine ganze Zahl"),
    "string_type": Text("a text is expected", "erwartet wird ein Text"),
    "tuple_type": Text("a list is expected", "erwartet wird eine Liste"),
    "dict_type": Text("a table is expected", "erwartet wird eine Tabelle"),
    "model_type": Text("a table is expected", "erwartet wird eine Tabelle"),
    "literal_error": Text("possible is only {expected}", "möglich ist nur {expected}"),
    "greater_than_equal": Text("the least is {ge}", "der kleinste Wert ist {ge}"),
    "less_than_equal": Text("the most is {le}", "der größte Wert ist {le}"),
    "extra_forbidden": Text("there is no such setting", "diese Einstellung gibt es nicht"),
}


def _why(error: ErrorDetails) -> Text:
    known = _WHY.get(error["type"])
    if known is None:
        return Text(error["msg"], error["msg"])
    expected = {key: str(value).replace(" or ", ", ").replace("'", "") for key, value in error.get("ctx", {}).items()}
    return known.fill(**expected) if expected else known


class WorkspaceSettings(Section):
    """About the company."""

    title: ClassVar[Text] = Text("About the company.", "Über die Firma.")

    name: str = setting(
        "schwung",
        text=Text(
            "Name of the company or shop, shown in the console.",
            "Name der Firma oder des Shops, in der Konsole gezeigt.",
        ),
    )
    zone: Annotated[str, AfterValidator(_known_zone)] = setting(
        "Europe/Berlin",
        text=Text(
            "IANA time zone in which days, weeks and months are counted.",
            "IANA-Zeitzone, in der Tage, Wochen und Monate gezählt werden.",
        ),
    )
    currency: str = setting(
        "EUR", pattern="^[A-Z]{3}$", text=Text("Reporting currency, ISO 4217.", "Berichtswährung nach ISO 4217.")
    )
    language: Literal["en", "de"] = setting(
        "de",
        text=Text(
            "Language of pages and texts until a person chooses another.",
            "Sprache von Seiten und Texten, bis jemand eine andere wählt.",
        ),
    )
    country: str = setting(
        "DE",
        pattern="^[A-Z]{2}$",
        text=Text(
            "ISO 3166 country of phone numbers that are written without one.",
            "Land nach ISO 3166 für Telefonnummern ohne Ländervorwahl.",
        ),
    )
    as_of: str = setting(
        "now",
        pattern=r"^(now|last_fact|\d{4}-\d{2}-\d{2})$",
        text=Text(
            "The moment for which numbers hold: now, last_fact (the newest fact), or a date.",
            "Zeitpunkt, für den Zahlen gelten: now (jetzt), last_fact (der neueste Fakt) oder ein Datum.",
        ),
    )
    test_orders: Annotated[tuple[str, ...], AfterValidator(_known_test_orders)] = setting(
        (),
        text=Text(
            'Orders of own people and of trials, which count nowhere: e-mail domains, addresses, coupon:, channel:, payment:, source:; for example ["@my-shop.example", "coupon:TEST"].',
            'Bestellungen eigener Leute und Probeläufe, die nirgends zählen: E-Mail-Domains, Adressen, coupon:, channel:, payment:, source:; etwa ["@mein-shop.example", "coupon:TEST"].',
        ),
    )
    data_credit: str = setting(
        "",
        text=Text(
            "A line about the source of the data, shown in the console's footer.",
            "Eine Zeile zur Herkunft der Daten, am Fuß der Konsole gezeigt.",
        ),
    )


class StoreSettings(Section):
    """Where the operational store lies."""

    title: ClassVar[Text] = Text("Where the operational store lies.", "Wo der operative Speicher liegt.")

    url: str = setting(
        "sqlite:///store.db",
        text=Text(
            "sqlite:///FILE (relative to the workspace) or postgresql://USER:PASSWORD@HOST/DATABASE.",
            "sqlite:///DATEI (relativ zum Arbeitsbereich) oder postgresql://USER:PASSWORD@HOST/DATABASE.",
        ),
    )


class LakeSettings(Section):
    """Where the facts lie and which engine reads them."""

    title: ClassVar[Text] = Text(
        "Where the facts lie and which engine reads them.", "Wo die Fakten liegen und welche Engine sie liest."
    )

    path: str = setting(
        "lake",
        text=Text(
            "Folder of the Delta tables, relative to the workspace.",
            "Ordner der Delta-Tabellen, relativ zum Arbeitsbereich.",
        ),
    )
    engine: Literal["duckdb", "spark"] = setting(
        "duckdb", text=Text("Engine for metrics when none is named.", "Engine für Kennzahlen, wenn keine genannt ist.")
    )
    memory: str = setting("1GB", text=Text("Memory limit of the DuckDB engine.", "Speichergrenze der DuckDB-Engine."))


class ServeSettings(Section):
    """The web server."""

    title: ClassVar[Text] = Text("The web server.", "Der Webserver.")

    host: str = setting(
        "127.0.0.1",
        text=Text("Address to listen on; 0.0.0.0 for all.", "Adresse, auf der der Server lauscht; 0.0.0.0 für alle."),
    )
    port: int = setting(8080, ge=1, le=65535, text=Text("Port to listen on.", "Port, auf dem der Server lauscht."))
    public_url: str = setting(
        "",
        text=Text(
            "Address under which people reach the console; https:// makes cookies secure.",
            "Adresse, unter der die Konsole erreichbar ist; mit https:// werden Cookies sicher gesetzt.",
        ),
    )
    trusted_proxies: tuple[str, ...] = setting(
        (),
        text=Text(
            "Addresses of reverse proxies whose forwarded headers are believed.",
            "Adressen vorgeschalteter Proxys, deren weitergereichten Angaben vertraut wird.",
        ),
    )
    cors_origins: tuple[str, ...] = setting(
        ("*",),
        text=Text(
            "Web origins that may send events from a browser.",
            "Web-Ursprünge, die aus einem Browser Ereignisse senden dürfen.",
        ),
    )


class LifecycleSettings(Section):
    """When a customer counts as dormant or lost."""

    title: ClassVar[Text] = Text(
        "When a customer counts as dormant or lost.", "Wann ein Kunde als ruhend oder abgewandert gilt."
    )

    dormant_after_days: int = setting(
        90,
        ge=1,
        text=Text(
            "Days without an order after which a customer is dormant.",
            "Tage ohne Bestellung, nach denen ein Kunde als ruhend gilt.",
        ),
    )
    lost_after_days: int = setting(
        180,
        ge=1,
        text=Text(
            "Days without an order after which a customer is lost.",
            "Tage ohne Bestellung, nach denen ein Kunde als abgewandert gilt.",
        ),
    )


class RetentionSettings(Section):
    """How long things are kept."""

    title: ClassVar[Text] = Text("How long things are kept.", "Wie lange etwas aufgehoben wird.")

    chunks_days: int = setting(
        7,
        ge=1,
        text=Text(
            "Days for which received events stay in the operational store after they reached the lake.",
            "Tage, die empfangene Ereignisse im operativen Speicher bleiben, nachdem sie im Datensee sind.",
        ),
    )
    quarantine_days: int = setting(
        90,
        ge=1,
        text=Text("Days for which refused events are kept.", "Tage, die abgewiesene Ereignisse aufgehoben werden."),
    )
    messages_days: int = setting(
        800,
        ge=30,
        text=Text(
            "Days for which messages to customers stay in the store after they were sent.",
            "Tage, die Nachrichten an Kunden nach dem Versand im Speicher bleiben.",
        ),
    )
    uploads_days: int = setting(
        30,
        ge=1,
        text=Text(
            "Days for which uploaded files and rejects are kept.",
            "Tage, die hochgeladene Dateien und abgewiesene Zeilen aufgehoben werden.",
        ),
    )
    exports_days: int = setting(
        7,
        ge=1,
        text=Text(
            "Days for which exports about a person are kept.", "Tage, die Auskünfte über eine Person aufgehoben werden."
        ),
    )
    backups_days: int = setting(
        30,
        ge=1,
        text=Text(
            "Days for which copies of the store from before an upgrade are kept.",
            "Tage, die Kopien des Speichers von vor einer Aktualisierung aufgehoben werden.",
        ),
    )
    audit_days: int = setting(
        1095, ge=30, text=Text("Days for which the audit log is kept.", "Tage, die das Protokoll aufgehoben wird.")
    )
    facts_days: dict[str, int] = setting(
        {}, text=Text("Days per fact table, for example events = 800.", "Tage je Faktentabelle, etwa events = 800.")
    )


class PrivacySettings(Section):
    """What people are told about the use of their data (Art. 13 to 15 GDPR)."""

    title: ClassVar[Text] = Text(
        "What people are told about the use of their data (Art. 13 to 15 GDPR).",
        "Was Menschen über die Nutzung ihrer Daten erfahren (Art. 13 bis 15 DSGVO).",
    )

    controller: str = setting(
        "",
        text=Text(
            "Name and address of who is responsible for the data.",
            "Name und Anschrift der für die Daten verantwortlichen Stelle.",
        ),
    )
    contact: str = setting(
        "", text=Text("How to reach them about data protection.", "Wie diese Stelle zum Datenschutz erreichbar ist.")
    )
    officer: str = setting(
        "", text=Text("Data protection officer, where there is one.", "Datenschutzbeauftragte Person, wo es eine gibt.")
    )
    authority: str = setting(
        "", text=Text("Supervisory authority for complaints.", "Aufsichtsbehörde für Beschwerden.")
    )
    recipients: tuple[str, ...] = setting(
        (),
        text=Text(
            "Who receives personal data: hosting, shipping, payment.",
            "Wer personenbezogene Daten erhält: Hosting, Versand, Zahlung.",
        ),
    )
    third_countries: str = setting(
        "",
        text=Text(
            "Transfers outside the EEA and their safeguards; empty: none.",
            "Übermittlungen außerhalb des EWR und ihre Garantien; leer: keine.",
        ),
    )


class ListenSettings(Section):
    """What customers are asked."""

    title: ClassVar[Text] = Text("What customers are asked.", "Was Kunden gefragt werden.")

    questions: Annotated[dict[str, str], AfterValidator(_known_questions)] = setting(
        {},
        text=Text(
            "Each question by its id: metric (nps, csat, ces, stars, other), scale, lower where low is good, phase; "
            "for example effort = ces 1-7 interact.",
            "Jede Frage unter ihrer Kennung: Kennzahl (nps, csat, ces, stars, other), Skala, lower wo niedrig gut ist, "
            "Phase; etwa effort = ces 1-7 interact.",
        ),
    )
    questions_en: dict[str, str] = setting(
        {}, text=Text("Wording of the questions in English, by id.", "Wortlaut der Fragen auf Englisch, nach Kennung.")
    )
    questions_de: dict[str, str] = setting(
        {}, text=Text("Wording of the questions in German, by id.", "Wortlaut der Fragen auf Deutsch, nach Kennung.")
    )

    @property
    def declared(self) -> Questions:
        """The questions, read."""
        return {name: read_question(name, words, self._text(name)) for name, words in self.questions.items()}

    def _text(self, name: str) -> Text | None:
        english, german = self.questions_en.get(name), self.questions_de.get(name)
        return Text(english or german or "", german or english or "") if english or german else None


class Settings(BaseSettings):
    """Everything that can be set. Unknown names are refused."""

    model_config = SettingsConfigDict(env_prefix="SCHWUNG_", env_nested_delimiter="__", extra="forbid", frozen=True)

    workspace: WorkspaceSettings = WorkspaceSettings()
    store: StoreSettings = StoreSettings()
    lake: LakeSettings = LakeSettings()
    serve: ServeSettings = ServeSettings()
    lifecycle: LifecycleSettings = LifecycleSettings()
    listen: ListenSettings = ListenSettings()
    value: ValueSettings = ValueSettings()
    friction: FrictionSettings = FrictionSettings()
    visits: VisitSettings = VisitSettings()
    predict: PredictSettings = PredictSettings()
    email: EmailSettings = EmailSettings()
    webhook: WebhookSettings = WebhookSettings()
    deliver: DeliverSettings = DeliverSettings()
    experiments: ExperimentSettings = ExperimentSettings()
    retention: RetentionSettings = RetentionSettings()
    privacy: PrivacySettings = PrivacySettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        # SCHWUNG_WORKSPACE is the command line's: the folder, not the section.
        if isinstance(env_settings, EnvSettingsSource):
            env_settings.env_vars = {
                name: value for name, value in env_settings.env_vars.items() if name != "schwung_workspace"
            }
        return env_settings, init_settings


def read_settings(folder: Path) -> Settings:
    """Settings of the workspace in `folder`. SetupError when the file is missing, broken or holds a wrong value."""
    path = folder / FILE_NAME
    try:
        content: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SetupError(
            "no_workspace",
            Text(en="There is no workspace in {folder}.", de="In {folder} liegt kein Arbeitsbereich.").fill(
                folder=folder
            ),
            Text(en="Create one with: schwung init {folder}", de="Anlegen mit: schwung init {folder}").fill(
                folder=folder
            ),
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SetupError(
            "settings_unreadable",
            Text(en="{path} cannot be read: {error}.", de="{path} ist nicht lesbar: {error}.").fill(
                path=path, error=error
            ),
            Text(en="Correct the file.", de="Die Datei berichtigen."),
        ) from error
    return check_settings(content, path)


def check_settings(content: dict[str, Any], path: Path) -> Settings:
    """Settings from the content of a file. SetupError that names the first wrong value."""
    try:
        return Settings(**content)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise SettingError(name, _why(first), path) from error
