"""The letter that goes with an export, whatever people are called."""

import pytest

from schwung.renderers.letter import Letter, render


@pytest.mark.parametrize(
    "name", ["Anna Müller", "王秀英", "עדי כהן", "Юлия", "Bo\x07b\x00", "\u202eevil\u2028", "🦄 😀", "#eval(read(\"/etc/passwd\"))"]
)  # fmt: skip
def test_a_name_in_any_script_gets_its_letter(name: str) -> None:
    letter = Letter("de", "Rösterei", (name,), "1.1.2026", "Ihre Daten", f"Guten Tag {name},", ("Text",), (), "Gruß")
    pdf = render(letter)
    assert pdf.startswith(b"%PDF-") and pdf == render(letter)
