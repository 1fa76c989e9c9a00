"""Settings of a workspace: `schwung.toml`, overridden by `SCHWUNG_<SECTION>__<NAME>` in the environment."""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from schwung.core.errors import SetupError
from schwung.core.text import Text

FILE_NAME = "schwung.toml"


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"no time zone is named {name!r}; an example is Europe/Berlin")
    return name


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WorkspaceSettings(_Section):
    """About the company."""

    name: str = Field("schwung", description="Name of the company or shop, shown in the console.")
    zone: Annotated[str, AfterValidator(_known_zone)] = Field(
        "Europe/Berlin", description="IANA time zone in which days, weeks and months are counted."
    )
    currency: str = Field("EUR", pattern="^[A-Z]{3}$", description="Reporting currency, ISO 4217.")
    language: Literal["en", "de"] = Field(
        "de", description="Language of pages and texts until a person chooses another."
    )
    country: str = Field(
        "DE", pattern="^[A-Z]{2}$", description="ISO 3166 country of phone numbers that are written without one."
    )
    as_of: str = Field(
        "now",
        pattern=r"^(now|last_fact|\d{4}-\d{2}-\d{2})$",
        description="The moment for which numbers hold: now, last_fact (the newest fact), or a date.",
    )
    data_credit: str = Field("", description="A line about the source of the data, shown in the console's footer.")


class StoreSettings(_Section):
    """Where the operational store lies."""

    url: str = Field(
        "sqlite:///store.db",
        description="sqlite:///FILE (relative to the workspace) or postgresql://USER:PASSWORD@HOST/DATABASE.",
    )


class LakeSettings(_Section):
    """Where the facts lie and which engine reads them."""

    path: str = Field("lake", description="Folder of the Delta tables, relative to the workspace.")
    engine: Literal["duckdb", "spark"] = Field("duckdb", description="Engine for metrics when none is named.")
    memory: str = Field("1GB", description="Memory limit of the DuckDB engine.")


class ServeSettings(_Section):
    """The web server."""

    host: str = Field("127.0.0.1", description="Address to listen on; 0.0.0.0 for all.")
    port: int = Field(8080, ge=1, le=65535, description="Port to listen on.")
    public_url: str = Field(
        "", description="Address under which people reach the console; https:// makes cookies secure."
    )
    trusted_proxies: tuple[str, ...] = Field(
        (), description="Addresses of reverse proxies whose forwarded headers are believed."
    )
    cors_origins: tuple[str, ...] = Field(("*",), description="Web origins that may send events from a browser.")


class LifecycleSettings(_Section):
    """When a customer counts as dormant or lost."""

    dormant_after_days: int = Field(90, ge=1, description="Days without an order after which a customer is dormant.")
    lost_after_days: int = Field(180, ge=1, description="Days without an order after which a customer is lost.")


class RetentionSettings(_Section):
    """How long things are kept; 0 keeps them for ever."""

    chunks_days: int = Field(
        7, ge=1, description="Days for which received events stay in the operational store after they reached the lake."
    )
    quarantine_days: int = Field(90, ge=1, description="Days for which refused events are kept.")
    uploads_days: int = Field(30, ge=1, description="Days for which uploaded files and rejects are kept.")
    exports_days: int = Field(7, ge=1, description="Days for which exports about a person are kept.")
    backups_days: int = Field(
        30, ge=1, description="Days for which copies of the store from before an upgrade are kept."
    )
    audit_days: int = Field(1095, ge=30, description="Days for which the audit log is kept.")
    facts_days: dict[str, int] = Field(
        default_factory=dict, description="Days per fact table, for example events = 800."
    )


class PrivacySettings(_Section):
    """What people are told about the use of their data (Art. 13 to 15 GDPR)."""

    controller: str = Field("", description="Name and address of who is responsible for the data.")
    contact: str = Field("", description="How to reach them about data protection.")
    officer: str = Field("", description="Data protection officer, where there is one.")
    authority: str = Field("", description="Supervisory authority for complaints.")
    recipients: tuple[str, ...] = Field((), description="Who receives personal data: hosting, shipping, payment.")
    third_countries: str = Field("", description="Transfers outside the EEA and their safeguards; empty: none.")


class Settings(BaseSettings):
    """Everything that can be set. Unknown names are refused."""

    model_config = SettingsConfigDict(env_prefix="SCHWUNG_", env_nested_delimiter="__", extra="forbid", frozen=True)

    workspace: WorkspaceSettings = WorkspaceSettings()
    store: StoreSettings = StoreSettings()
    lake: LakeSettings = LakeSettings()
    serve: ServeSettings = ServeSettings()
    lifecycle: LifecycleSettings = LifecycleSettings()
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
    try:
        return Settings(**content)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise SetupError(
            "setting_invalid",
            Text(en="The setting {name} is wrong: {why}.", de="Die Einstellung {name} ist falsch: {why}.").fill(
                name=name, why=first["msg"]
            ),
            Text(en="Correct it in {path}.", de="In {path} berichtigen.").fill(path=path),
        ) from error
