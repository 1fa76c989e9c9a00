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


_SUBJECT = Text("Your data with us (Art. 15 GDPR)", "Ihre Daten bei uns (Art. 15 DSGVO)")
_GREETING = Text("Dear Sir or Madam,", "Sehr geehrte Damen und Herren,")
_GREETING_BY_NAME = Text("Dear {name},", "Guten Tag {name},")
_CLOSING = Text("Yours faithfully", "Mit freundlichen Grüßen")
_INTRODUCTION = Text(
    "you asked which personal data we hold about you. This file holds all of them, as JSON (exact) and as CSV (for "
    "spreadsheets), and this letter.",
    "Sie haben gefragt, welche personenbezogenen Daten wir über Sie speichern. Diese Datei enthält alle, als JSON (genau) und "
    "als CSV (für Tabellenprogramme), dazu dieses Schreiben.",
)
_HEAD = (Text("File", "Datei"), Text("Content", "Inhalt"), Text("Rows", "Zeilen"))
_NO_RECIPIENTS = Text("none beside our own staff", "keine außer dem eigenen Personal")
_NO_TRANSFER = Text(
    "No data leave the European Economic Area.", "Daten verlassen den Europäischen Wirtschaftsraum nicht."
)
_FROM_YOU = Text("from you", "von Ihnen")
_COMPLAINT = Text(
    "You may complain to a supervisory authority (Art. 77 GDPR), for example: {authority}",
    "Sie können sich bei einer Aufsichtsbehörde beschweren (Art. 77 DSGVO), zum Beispiel: {authority}",
)
_NO_MACHINE = Text(
    "No decision with legal or similar effect is taken by machines alone (Art. 22 GDPR). Key figures such as number and value "
    "of orders are computed for statistics; they are enclosed.",
    "Entscheidungen mit rechtlicher oder ähnlicher Wirkung fallen nicht allein durch Maschinen (Art. 22 DSGVO). Kennzahlen wie "
    "Zahl und Wert der Bestellungen werden für Statistik berechnet; sie liegen bei.",
)
_PROFILING = Text(
    "From what you bought and did with us, statistical models work out how likely you are to order again, of what value, and "
    "which products may suit you (profiling, Art. 4(4) GDPR). It serves to choose and time our offers; the values, and the "
    "reasons where a model names them, are enclosed. You may object at any time (Art. 21 GDPR); then no model says anything of "
    "you, and you are not used to fit one.",
    "Aus dem, was Sie bei uns gekauft und getan haben, bestimmen statistische Modelle, wie wahrscheinlich und in welchem Wert Sie "
    "wieder bestellen und welche Artikel zu Ihnen passen könnten (Profiling, Art. 4 Nr. 4 DSGVO). Das dient der Auswahl und dem "
    "Zeitpunkt unserer Angebote; die Werte und, wo ein Modell sie nennt, die Gründe liegen bei. Sie können jederzeit widersprechen "
    "(Art. 21 DSGVO); dann sagt kein Modell etwas über Sie, und Ihre Daten gehen in keines ein.",
)


def covering_letter(
    workspace: Workspace,
    language: Language,
    addressee: Sequence[str],
    counts: Mapping[str, int],
    sources: Sequence[str],
) -> Letter:
    """counts: rows per enclosed table. sources: where the data came from."""
    today = to_datetime(workspace.clock()).date()
    sender = workspace.settings.privacy.controller or workspace.settings.workspace.name
    return Letter(
        language,
        sender.replace("\n", ", "),
        tuple(addressee),
        today.strftime("%d.%m.%Y") if language == "de" else today.isoformat(),
        _SUBJECT.in_(language),
        (_GREETING_BY_NAME.fill(name=addressee[0]) if addressee else _GREETING).in_(language),
        (_INTRODUCTION.in_(language),),
        _sections(workspace, language, counts, sources),
        _CLOSING.in_(language),
    )


def _sections(
    workspace: Workspace, language: Language, counts: Mapping[str, int], sources: Sequence[str]
) -> tuple[Section, ...]:
    privacy, missing = workspace.settings.privacy, _MISSING.in_(language)

    def title(en: str, de: str, letter: str) -> str:
        return Text(f"{en} (Art. 15(1)({letter}))", f"{de} (Art. 15 Abs. 1 lit. {letter})").in_(language)

    rows = tuple((name, title_of(name).in_(language), str(count)) for name, count in counts.items() if count)
    head = (_HEAD[0].in_(language), _HEAD[1].in_(language), _HEAD[2].in_(language))
    machine = _NO_MACHINE.in_(language)
    if counts.get("predictions"):
        machine += " " + _PROFILING.in_(language)
    complaint = _COMPLAINT.fill(authority=privacy.authority or missing).in_(language)
    return (
        Section(Text("Controller", "Verantwortlicher").in_(language), items=_controller(workspace, language)),
        Section(title("Purposes and legal bases", "Zwecke und Rechtsgrundlagen", "a"), items=_all(_PURPOSES, language)),
        Section(
            title("Categories of data, all enclosed", "Kategorien von Daten, alle beiliegend", "b"),
            head=head,
            rows=rows,
        ),
        Section(title("Recipients", "Empfänger", "c"), items=privacy.recipients or (_NO_RECIPIENTS.in_(language),)),
        Section(
            Text("Third countries (Art. 15(2))", "Drittländer (Art. 15 Abs. 2)").in_(language),
            privacy.third_countries or _NO_TRANSFER.in_(language),
        ),
        Section(title("Periods", "Speicherdauer", "d"), items=_periods(workspace, language)),
        Section(title("Your rights", "Ihre Rechte", "e"), items=_all(_RIGHTS, language)),
        Section(title("Complaint", "Beschwerde", "f"), complaint),
        Section(title("Sources", "Herkunft", "g"), items=tuple(sources) or (_FROM_YOU.in_(language),)),
        Section(title("Automated decisions", "Automatisierte Entscheidungen", "h"), machine),
    )


def _controller(workspace: Workspace, language: Language) -> tuple[str, ...]:
    privacy, missing = workspace.settings.privacy, _MISSING.in_(language)
    contact = Text("Contact: {contact}", "Kontakt: {contact}").fill(contact=privacy.contact or missing)
    officer = Text("Data protection officer: {officer}", "Datenschutzbeauftragte Person: {officer}").fill(
        officer=privacy.officer
    )
    first = privacy.controller or f"{workspace.settings.workspace.name} {missing}"
    return (first, contact.in_(language), *((officer.in_(language),) if privacy.officer else ()))


def _all(texts: Sequence[Text], language: Language) -> tuple[str, ...]:
    return tuple(text.in_(language) for text in texts)


_TITLES = {
    "identifiers": Text("Identifiers", "Kennungen"),
    "traits": Text("Traits with source and time", "Merkmale mit Herkunft und Zeit"),
    "consents": Text("Consents", "Einwilligungen"),
    "consent_texts": Text("Wording of what you agreed to", "Wortlaut dessen, worin Sie einwilligten"),
    "own_customer": Text("Notice of advertising to own customers", "Hinweis auf Werbung an eigene Kunden"),
    "opt_outs": Text("Opt-outs and objections", "Abmeldungen und Widersprüche"),
    "lists": Text("Customer lists", "Kundenlisten"),
    "journeys": Text("Automatic paths that you went through", "Automatische Strecken, die Sie durchlaufen haben"),
    "tasks": Text("Tasks about you for our team", "Aufgaben zu Ihnen für unser Team"),
    "planned_messages": Text("Messages that were planned for you", "Für Sie geplante Nachrichten"),
    "what_became_of_messages": Text("What became of messages", "Was aus Nachrichten wurde"),
    "experiments": Text("Experiments", "Experimente"),
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
