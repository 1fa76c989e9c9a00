"""schwung init, whatever the shop is called, in both languages."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from schwung.app.wiring import open_workspace
from schwung.cli import app


@pytest.mark.parametrize(
    ("language", "name", "said"),
    [
        ("de", 'Café "Größe" \\ Söhne', "angelegt"),
        ("en", "x\ny = 1\t🦄 {zone}\x7f", "created"),
    ],
)
def test_a_workspace_of_any_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str, name: str, said: str
) -> None:
    monkeypatch.setenv("SCHWUNG_LANGUAGE", language)
    folder = tmp_path / 'shop "1"'
    done = CliRunner().invoke(app, ["init", str(folder), "--name", name], catch_exceptions=False)
    assert done.exit_code == 0 and said in done.stdout
    workspace = open_workspace(folder)
    assert (workspace.settings.workspace.name, workspace.settings.workspace.language) == (name, language)
    workspace.store.close()
