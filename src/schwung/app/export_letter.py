"""What the covering letter of an export says: the information of Art. 15(1) and (2) GDPR, in German and English."""

from collections.abc import Mapping, Sequence

from schwung.app.wiring import TABLES, Workspace
from schwung.core.clock import to_datetime
from schwung.core.text import Language, Text
from schwung.renderers.letter import Letter, Section

_MISSING = Text("[to be filled in: [privacy] in schwung.toml]", "[noch einzutragen: [privacy] in schwung.toml]")

_PURPOSES = (
    Text(
        "Carrying out orders, returns and contracts (Art. 6(1)(b) GDPR)",
        "Abwicklung von Bestellungen, Rückgaben und Verträgen (Art. 6 Abs. 1 lit. b DSGVO)",
    ),
    Text(
        "Keeping records that commercial and tax law demand (Art. 6(1)(c) GDPR; § 257 HGB, § 147 AO)",
        "Aufbewahrung nach Handels- und Steuerrecht (Art. 6 Abs. 1 lit. c DSGVO; § 257 HGB, § 147 AO)",
    ),
    Text(
        "Measuring and improving our offer by statistics (legitimate interest, Art. 6(1)(f) GDPR)",
        "Messung und Verbesserung unseres Angebots durch Statistik (berechtigtes Interesse, Art. 6 Abs. 1 lit. f DSGVO)",
    ),
    Text(
        "Advertising, newsletters and surveys, as far as you consented (Art. 6(1)(a) GDPR, § 7 UWG) or § 7(3) UWG allows it",
        "Werbung, Newsletter und Umfragen, soweit Sie eingewilligt haben (Art. 6 Abs. 1 lit. a DSGVO, § 7 UWG) oder "
        "§ 7 Abs. 3 UWG es erlaubt",
    ),
    Text(
        "Reading and storing on your device, as far as you consented (§ 25 TDDDG)",
        "Zugriff auf Ihr Endgerät, soweit Sie eingewilligt haben (§ 25 TDDDG)",
    ),
)

_RIGHTS = (
    Text("Rectification of wrong data (Art. 16 GDPR)", "Berichtigung unrichtiger Daten (Art. 16 DSGVO)"),
    Text("Erasure (Art. 17 GDPR)", "Löschung (Art. 17 DSGVO)"),
    Text("Restriction of processing (Art. 18 GDPR)", "Einschränkung der Verarbeitung (Art. 18 DSGVO)"),
    Text(
        "Portability: the JSON and CSV files enclosed are machine-readable (Art. 20 GDPR)",
        "Datenübertragbarkeit: die beiliegenden JSON- und CSV-Dateien sind maschinenlesbar (Art. 20 DSGVO)",
    ),
    Text(
        "Objection, against advertising at any time and without reasons (Art. 21 GDPR)",
        "Widerspruch, gegen Werbung jederzeit und ohne Gründe (Art. 21 DSGVO)",
    ),
    Text(
        "Withdrawal of a consent at any time, for the future (Art. 7(3) GDPR)",
        "Widerruf einer Einwilligung jederzeit mit Wirkung für die Zukunft (Art. 7 Abs. 3 DSGVO)",
    ),
)


def covering_letter(
    workspace: Workspace,
    language: Language,
    addressee: Sequence[str],
    counts: Mapping[str, int],
    sources: Sequence[str],
) -> Letter:
    """counts: rows per enclosed table. sources: where the data came from."""

    def say(en: str, de: str) -> str:
        return de if language == "de" else en

    privacy, about = workspace.settings.privacy, workspace.settings.workspace
    missing = _MISSING.in_(language)
    today = to_datetime(workspace.clock()).date()
    rows = tuple((name, title_of(name).in_(language), str(count)) for name, count in counts.items() if count)
    sections = (
        Section(
            say("Controller", "Verantwortlicher"),
            items=(
                privacy.controller or f"{about.name} {missing}",
                say("Contact: ", "Kontakt: ") + (privacy.contact or missing),
                *(
                    (say("Data protection officer: ", "Datenschutzbeauftragte Person: ") + privacy.officer,)
                    if privacy.officer
                    else ()
                ),
            ),
        ),
        Section(
            say("Purposes and legal bases (Art. 15(1)(a))", "Zwecke und Rechtsgrundlagen (Art. 15 Abs. 1 lit. a)"),
            items=tuple(text.in_(language) for text in _PURPOSES),
        ),
        Section(
            say(
                "Categories of data, all enclosed (Art. 15(1)(b))",
                "Kategorien von Daten, alle beiliegend (Art. 15 Abs. 1 lit. b)",
            ),
            head=(say("File", "Datei"), say("Content", "Inhalt"), say("Rows", "Zeilen")),
            rows=rows,
        ),
        Section(
            say("Recipients (Art. 15(1)(c))", "Empfänger (Art. 15 Abs. 1 lit. c)"),
            items=privacy.recipients or (say("none beside our own staff", "keine außer dem eigenen Personal"),),
        ),
        Section(
            say("Third countries (Art. 15(2))", "Drittländer (Art. 15 Abs. 2)"),
            privacy.third_countries
            or say(
                "No data leave the European Economic Area.", "Daten verlassen den Europäischen Wirtschaftsraum nicht."
            ),
        ),
        Section(
            say("Periods (Art. 15(1)(d))", "Speicherdauer (Art. 15 Abs. 1 lit. d)"), items=_periods(workspace, language)
        ),
        Section(
            say("Sources (Art. 15(1)(g))", "Herkunft (Art. 15 Abs. 1 lit. g)"),
            items=tuple(sources) or (say("from you", "von Ihnen"),),
        ),
        Section(
            say("Your rights (Art. 15(1)(e))", "Ihre Rechte (Art. 15 Abs. 1 lit. e)"),
            items=tuple(text.in_(language) for text in _RIGHTS),
        ),
        Section(
            say("Complaint (Art. 15(1)(f))", "Beschwerde (Art. 15 Abs. 1 lit. f)"),
            say(
                "You may complain to a supervisory authority (Art. 77 GDPR), for example: ",
                "Sie können sich bei einer Aufsichtsbehörde beschweren (Art. 77 DSGVO), zum Beispiel: ",
            )
            + (privacy.authority or missing),
        ),
        Section(
            say("Automated decisions (Art. 15(1)(h))", "Automatisierte Entscheidungen (Art. 15 Abs. 1 lit. h)"),
            say(
                "No decision with legal or similar effect is taken by machines alone (Art. 22 GDPR). Key figures such as "
                "number and value of orders are computed for statistics; they are enclosed.",
                "Entscheidungen mit rechtlicher oder ähnlicher Wirkung fallen nicht allein durch Maschinen (Art. 22 DSGVO). "
                "Kennzahlen wie Zahl und Wert der Bestellungen werden für Statistik berechnet; sie liegen bei.",
            ),
        ),
    )
    return Letter(
        language,
        (privacy.controller or about.name).replace("\n", ", "),
        tuple(addressee),
        today.strftime("%d.%m.%Y") if language == "de" else today.isoformat(),
        say("Your data with us (Art. 15 GDPR)", "Ihre Daten bei uns (Art. 15 DSGVO)"),
        say("Dear Sir or Madam,", "Sehr geehrte Damen und Herren,"),
        (
            say(
                "you asked which personal data we hold about you. This file holds all of them, as JSON (exact) and as CSV (for "
                "spreadsheets), and this letter.",
                "Sie haben gefragt, welche personenbezogenen Daten wir über Sie speichern. Diese Datei enthält alle, als JSON "
                "(genau) und als CSV (für Tabellenprogramme), dazu dieses Schreiben.",
            ),
        ),
        sections,
        say("Yours faithfully", "Mit freundlichen Grüßen"),
    )


_TITLES = {
    "identifiers": Text("Identifiers", "Kennungen"),
    "traits": Text("Traits with source and time", "Merkmale mit Herkunft und Zeit"),
    "consents": Text("Consents", "Einwilligungen"),
    "opt_outs": Text("Opt-outs and objections", "Abmeldungen und Widersprüche"),
    "suppressions": Text("Suppressed addresses", "Gesperrte Adressen"),
    "key_figures": Text("Key figures", "Kennzahlen"),
    "received": Text("Received, not yet filed", "Eingegangen, noch nicht abgelegt"),
    "quarantine": Text("Refused events", "Zurückgewiesene Ereignisse"),
}


def title_of(name: str) -> Text:
    """Title of an enclosed table."""
    return _TITLES.get(name) or TABLES[name].title


def _periods(workspace: Workspace, language: Language) -> tuple[str, ...]:
    keep = workspace.settings.retention
    facts = {name: days for name, days in keep.facts_days.items() if days and name in TABLES}
    texts = [
        Text("{title}: {n} days", "{title}: {n} Tage").fill(title=TABLES[name].title, n=days)
        for name, days in facts.items()
    ]
    texts += [
        Text(
            "Orders and returns: as long as commercial and tax law demand; beyond that only without personal data",
            "Bestellungen und Rückgaben: solange Handels- und Steuerrecht es verlangen; darüber hinaus nur ohne Personenbezug",
        ),
        Text(
            "All else: until you ask for erasure, object, or withdraw your consent",
            "Alles Übrige: bis zu Löschverlangen, Widerspruch oder Widerruf der Einwilligung",
        ),
        Text("Received raw events: {n} days", "Eingegangene Rohereignisse: {n} Tage").fill(n=keep.chunks_days),
        Text("Refused events: {n} days", "Zurückgewiesene Ereignisse: {n} Tage").fill(n=keep.quarantine_days),
        Text("Log of who saw your data: {n} days", "Protokoll der Zugriffe auf Ihre Daten: {n} Tage").fill(
            n=keep.audit_days
        ),
    ]
    return tuple(text.in_(language) for text in texts)
