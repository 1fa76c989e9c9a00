"""docs/glossary.md: the words of the product."""

from schwung.cli.reference import Pages, table
from schwung.measure.glossary import TERMS


def pages() -> Pages:
    rows = [(term.word.en, term.word.de, term.meaning.en, term.meaning.de) for term in TERMS]
    text = "# Glossary · Glossar\n\nOne word for one thing, in code, pages and texts.\n\n"
    return {"glossary.md": text + table(("English", "Deutsch", "means", "heißt"), rows)}
