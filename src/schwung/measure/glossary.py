"""The words of the product, in both languages: what each means here and what is never said."""

from dataclasses import dataclass

from schwung.core.text import Text


@dataclass(frozen=True, slots=True)
class Term:
    """A word and its meaning."""

    word: Text
    meaning: Text


TERMS: tuple[Term, ...] = (
    Term(
        Text("customer", "Kunde"),
        Text(
            "A person or firm that has or may have a relationship with the company.",
            "Person oder Firma, die zum Unternehmen eine Beziehung hat oder haben kann.",
        ),
    ),
    Term(Text("profile", "Profil"), Text("Our one record of a customer.", "Unser einer Datensatz zu einem Kunden.")),
    Term(Text("operator", "Teammitglied"), Text("Who works in the console.", "Wer in der Konsole arbeitet.")),
    Term(
        Text("guest", "Gast"),
        Text(
            "Whoever ordered without anything that says who it is. Guests count in revenue and orders, never in numbers "
            "per customer.",
            "Wer bestellt hat, ohne dass etwas sagt, wer es ist. Gäste zählen bei Umsatz und Bestellungen, nie bei Zahlen "
            "je Kunde.",
        ),
    ),
    Term(
        Text("identifier", "Kennung"),
        Text(
            "A value that says who somebody is: user id, e-mail, phone, card, device, strongest first.",
            "Ein Wert, der sagt, wer jemand ist: Kundennummer, E-Mail, Telefon, Karte, Gerät; die stärkste zuerst.",
        ),
    ),
    Term(
        Text("event", "Ereignis"),
        Text(
            "What happened, named by object and past participle: order_completed.",
            "Was geschah, benannt nach Gegenstand und Partizip: order_completed.",
        ),
    ),
    Term(Text("property", "Eigenschaft"), Text("A value in an event.", "Ein Wert in einem Ereignis.")),
    Term(Text("trait", "Merkmal"), Text("A lasting fact on a profile.", "Eine dauerhafte Angabe an einem Profil.")),
    Term(Text("fact", "Fakt"), Text("A row in the lake.", "Eine Zeile im Datensee.")),
    Term(
        Text("source", "Quelle"),
        Text(
            "Where events and facts come from; each has its keys.",
            "Woher Ereignisse und Fakten kommen; jede hat ihre Schlüssel.",
        ),
    ),
    Term(
        Text("touch", "Berührung"),
        Text(
            "A visit or contact through a channel that is not direct.",
            "Ein Besuch oder Kontakt über einen Kanal, der nicht direkt ist.",
        ),
    ),
    Term(
        Text("metric", "Kennzahl"),
        Text("The definition of a number.", "Die Definition einer Zahl."),
    ),
    Term(Text("value", "Wert"), Text("The result of a metric.", "Das Ergebnis einer Kennzahl.")),
    Term(Text("KPI", "Zielkennzahl"), Text("A metric with a target.", "Eine Kennzahl mit einem Ziel.")),
    Term(
        Text("cut", "Aufteilung"),
        Text(
            "That by which a metric is split: month, channel, country …",
            "Wonach eine Kennzahl aufgeteilt wird: Monat, Kanal, Land …",
        ),
    ),
    Term(
        Text("interval", "Intervall"),
        Text(
            "The range that holds the true value in 95 of 100 cases. Only estimates have one; counts and totals are exact.",
            "Der Bereich, in dem der wahre Wert in 95 von 100 Fällen liegt. Nur Schätzwerte haben eines; Anzahlen und Summen "
            "sind exakt.",
        ),
    ),
    Term(
        Text("cohort", "Kohorte"),
        Text("Customers by the month of their first order.", "Kunden nach dem Monat ihrer ersten Bestellung."),
    ),
    Term(
        Text("double opt-in", "Double-Opt-in"),
        Text(
            "A consent that its giver confirmed from the mailbox.",
            "Eine Einwilligung, die aus dem Postfach bestätigt wurde.",
        ),
    ),
    Term(
        Text("own customer", "Bestandskunde nach § 7 Abs. 3 UWG"),
        Text(
            "Somebody who may get advertising by e-mail for similar goods without consent.",
            "Jemand, der E-Mail-Werbung für ähnliche Waren ohne Einwilligung erhalten darf.",
        ),
    ),
    Term(Text("segment", "Segment"), Text("A rule that picks customers.", "Eine Regel, die Kunden auswählt.")),
    Term(
        Text("membership", "Zugehörigkeit"),
        Text("A customer's stay in a segment.", "Die Zeit eines Kunden in einem Segment."),
    ),
    Term(
        Text("journey", "Strecke"),
        Text(
            "A path of steps that customers walk by themselves.", "Ein Weg aus Schritten, den Kunden von selbst gehen."
        ),
    ),
    Term(
        Text("enrollment", "Teilnahme"),
        Text("One customer's way through a journey.", "Der Weg eines Kunden durch eine Strecke."),
    ),
    Term(
        Text("template", "Vorlage"),
        Text(
            "The words of messages, in each language, with variables.",
            "Die Worte von Nachrichten, in jeder Sprache, mit Variablen.",
        ),
    ),
    Term(
        Text("snippet", "Baustein"),
        Text("A piece of text that several templates hold.", "Ein Stück Text, das mehrere Vorlagen enthalten."),
    ),
    Term(
        Text("kind", "Art"),
        Text(
            "What a customer is by his orders: lead, new, existing, won back, dormant, lost.",
            "Was ein Kunde nach seinen Bestellungen ist: Interessent, Neukunde, Bestandskunde, zurückgewonnen, ruhend, "
            "abgewandert.",
        ),
    ),
    Term(
        Text("active", "aktiv"),
        Text(
            "Has ordered within the days after which a customer counts as lost.",
            "Hat innerhalb der Tage bestellt, nach denen ein Kunde als abgewandert gilt.",
        ),
    ),
    Term(
        Text("as of", "Stand"),
        Text("The moment for which numbers hold.", "Der Zeitpunkt, für den die Zahlen gelten."),
    ),
    Term(
        Text("calibrated", "kalibriert"),
        Text(
            "Of probabilities: of those who get 30%, 30 of 100 do it.",
            "Von Wahrscheinlichkeiten: Von denen mit 30 % tun es 30 von 100.",
        ),
    ),
    Term(
        Text("out of time", "für spätere Zeit"),
        Text(
            "Judged on what happened later than anything that was learned from; shuffled parts of the same time flatter.",
            "Gemessen an dem, was später geschah als alles, woran gelernt wurde; gemischte Teile derselben Zeit schönen.",
        ),
    ),
    Term(
        Text("risk date", "Risikodatum"),
        Text(
            "The day from which a customer is more likely gone, or a contract more likely ended, than not.",
            "Der Tag, ab dem ein Kunde eher verloren oder ein Vertrag eher beendet ist als nicht.",
        ),
    ),
    Term(
        Text("lead score", "Lead-Score"),
        Text(
            "How likely somebody who has not ordered becomes a customer, with what that is worth: cold, warm, hot.",
            "Wie wahrscheinlich jemand, der nicht bestellt hat, Kunde wird, und was das wert ist: kalt, warm, heiß.",
        ),
    ),
    Term(
        Text("attribution", "Attribution"),
        Text(
            "Sharing an order out among the touches before it, by a stated rule. A description, not an effect.",
            "Eine Bestellung nach einer genannten Regel auf die Berührungen davor aufteilen. Eine Beschreibung, keine Wirkung.",
        ),
    ),
    Term(
        Text("response curve", "Wirkungskurve"),
        Text(
            "What more money or hours in a channel bring, with where that slackens.",
            "Was mehr Geld oder Stunden in einem Kanal bringen, und wo das nachlässt.",
        ),
    ),
    Term(
        Text("customer equity", "Kundenstammwert"),
        Text(
            "What all customers and prospects are worth together, discounted.",
            "Was alle Kunden und Angesprochenen zusammen wert sind, abgezinst.",
        ),
    ),
    Term(
        Text("lake", "Datensee"),
        Text("The facts as open tables, append-only.", "Die Fakten als offene Tabellen, nur angefügt."),
    ),
    Term(
        Text("snapshot", "Stand des Datensees"),
        Text("The versions at which all tables agree.", "Die Fassungen, in denen alle Tabellen übereinstimmen."),
    ),
    Term(
        Text("quarantine", "Quarantäne"),
        Text(
            "Where events wait that do not fit their declared type.",
            "Wo Ereignisse warten, die nicht zu ihrem erklärten Typ passen.",
        ),
    ),
    Term(
        Text("potential", "Potenzial"),
        Text(
            "What the best tenth of similar customers bring in a year beyond what a customer brings. Room, not an effect.",
            "Was das beste Zehntel ähnlicher Kunden im Jahr mehr bringt als ein Kunde. Platz, keine Wirkung.",
        ),
    ),
    Term(
        Text("next product, next offer", "nächster Artikel, nächstes Angebot"),
        Text(
            "The product that a customer most likely buys; the one whose probability × margin is highest.",
            "Der Artikel, den ein Kunde am wahrscheinlichsten kauft; der mit der höchsten Wahrscheinlichkeit × Marge.",
        ),
    ),
)
