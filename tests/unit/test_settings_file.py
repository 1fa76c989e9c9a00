"""The file of settings: changed without losing its comments, never left broken."""

from pathlib import Path

import pytest

from schwung.app.settings import SettingError, read_settings
from schwung.app.settings_file import SettingsFile, change_settings

CONTENT = '# ours\n[workspace]\nname = "Kaffeehaus"  # shown\nlanguage = "de"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "schwung.toml").write_text(CONTENT, encoding="utf-8")
    return tmp_path


def test_comments_stay_and_defaults_are_not_written(folder: Path) -> None:
    change_settings(folder, "workspace", {"name": "Rösterei", "zone": "Europe/Berlin"})
    change_settings(folder, "serve", {"trusted_proxies": ("10.0.0.0/8",)})
    text = (folder / "schwung.toml").read_text(encoding="utf-8")
    assert "# ours" in text and 'name = "Rösterei"' in text and "# shown" in text and "zone" not in text
    assert read_settings(folder).serve.trusted_proxies == ("10.0.0.0/8",)


@pytest.mark.parametrize(
    ("section", "values", "name", "de"),
    [("workspace", {"zone": "Mars"}, "workspace.zone", "diese Zeitzone gibt es nicht; ein Beispiel ist Europe/Berlin"),
     ("workspace", {"currency": "euro"}, "workspace.currency", "sie hat nicht die erwartete Form"),
     ("serve", {"port": 0}, "serve.port", "der kleinste Wert ist 1"),
     ("serve", {"port": 99_999}, "serve.port", "der größte Wert ist 65535"),
     ("serve", {"port": "x"}, "serve.port", "erwartet wird eine ganze Zahl"),
     ("workspace", {"language": "fr"}, "workspace.language", "möglich ist nur en, de")],
)  # fmt: skip
def test_a_wrong_value_is_named_in_both_languages_and_changes_nothing(
    folder: Path, section: str, values: dict, name: str, de: str
) -> None:
    with pytest.raises(SettingError) as caught:
        change_settings(folder, section, values)
    assert (caught.value.name, caught.value.why.de) == (name, de)
    assert "{" not in caught.value.why.en and caught.value.why.en != de
    assert (folder / "schwung.toml").read_text(encoding="utf-8") == CONTENT


def test_a_file_that_breaks_meanwhile_leaves_the_last_good_settings(folder: Path) -> None:
    watched = SettingsFile(folder, read_settings(folder))
    (folder / "schwung.toml").write_text("[workspace", encoding="utf-8")
    assert watched.settings.workspace.name == "Kaffeehaus"
    (folder / "schwung.toml").write_text(CONTENT.replace("Kaffeehaus", "Neu!"), encoding="utf-8")
    assert watched.settings.workspace.name == "Neu!"
