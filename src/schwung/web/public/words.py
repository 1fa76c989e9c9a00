"""Texts of the pages without sign-in: they are read by customers, so without any word of ours."""

from collections.abc import Mapping

from schwung.core.text import Text

PURPOSES: Mapping[str, tuple[Text, Text]] = {
    "newsletter": (Text("Newsletter", "Newsletter"), Text("News about our range, now and then.", "Neuigkeiten aus unserem Sortiment, hin und wieder.")),
    "advertising": (Text("Offers", "Angebote"), Text("Offers and recommendations for you.", "Angebote und Empfehlungen für Sie.")),
    "cart_reminder": (Text("Reminders of your cart", "Erinnerungen an Ihren Warenkorb"), Text("When something is left in it.", "Wenn noch etwas darin liegt.")),
    "survey": (Text("Surveys and requests for reviews", "Umfragen und Bitten um Bewertung"), Text("How satisfied you are with us.", "Wie zufrieden Sie mit uns sind.")),
    "loyalty": (Text("News about your points", "Nachrichten zu Ihren Punkten"), Text("Balance and rewards.", "Punktestand und Prämien.")),
    "tracking": (Text("Measure what I open", "Messen, was ich öffne"), Text("So that we send what suits you. Without it nobody sees which e-mail you opened.", "Damit wir Passendes senden. Ohne dies sieht niemand, welche E-Mail Sie geöffnet haben.")),
}  # fmt: skip
"""Purpose → its name and a sentence about it."""

WORDS: Mapping[str, Text] = {
    "unsubscribe_title": Text("Unsubscribe?", "Abmelden?"),
    "unsubscribe_lead": Text("{address} will get no more of this:", "{address} erhält dann nichts mehr davon:"),
    "unsubscribe_do": Text("Unsubscribe", "Abmelden"),
    "unsubscribe_note": Text(
        "It takes effect at once. Messages about your orders still come.",
        "Das gilt sofort. Nachrichten zu Ihren Bestellungen kommen weiterhin.",
    ),
    "unsubscribed_title": Text("You are unsubscribed", "Sie sind abgemeldet"),
    "unsubscribed_lead": Text(
        "{address} gets no more of this: {purpose}.", "{address} erhält nichts mehr davon: {purpose}."
    ),
    "unsubscribed_note": Text("You need do nothing more.", "Sie müssen nichts weiter tun."),
    "gone_title": Text("Nothing is stored here", "Hier ist nichts gespeichert"),
    "gone_lead": Text(
        "For this link no address is kept any more, so no messages will come.",
        "Zu diesem Link gibt es keine Adresse mehr. Es kommen also keine Nachrichten.",
    ),
    "preferences_title": Text("What may we send you?", "Was dürfen wir Ihnen senden?"),
    "preferences_lead": Text("For {address}", "Für {address}"),
    "preferences_none": Text(
        "You get no advertising from us. There is nothing to switch off.",
        "Sie erhalten keine Werbung von uns. Es gibt nichts abzustellen.",
    ),
    "save": Text("Save", "Speichern"),
    "switched_on_by_mail": Text(
        "What you switch on is confirmed by an e-mail to your address.",
        "Was Sie einschalten, bestätigen Sie noch über eine E-Mail an Ihre Adresse.",
    ),
    "end_all": Text("No advertising at all", "Gar keine Werbung mehr"),
    "object": Text("Object to any use for advertising and predictions", "Der Nutzung für Werbung und Vorhersagen widersprechen"),
    "object_note": Text(
        "Your right under Art. 21 GDPR. We then send no advertising and work out nothing about you.",
        "Ihr Recht nach Art. 21 DSGVO. Wir senden dann keine Werbung und berechnen nichts über Sie.",
    ),
    "saved": Text("Saved. It holds from now on.", "Gespeichert. Es gilt ab sofort."),
    "saved_and_asked": Text(
        "Saved. We sent an e-mail to {address}: please confirm there what you switched on.",
        "Gespeichert. Wir haben eine E-Mail an {address} gesendet: Bitte bestätigen Sie dort, was Sie eingeschaltet haben.",
    ),
    "objected": Text("Your objection is kept. It holds from now on.", "Ihr Widerspruch ist gespeichert. Er gilt ab sofort."),
    "confirm_title": Text("Please confirm", "Bitte bestätigen"),
    "confirm_lead": Text("For {address}", "Für {address}"),
    "confirm_do": Text("Yes, I agree", "Ja, ich willige ein"),
    "confirm_note": Text(
        "If this was not you, close this page: nothing is sent, and the address is deleted after 14 days.",
        "Waren Sie das nicht, schließen Sie diese Seite: Es wird nichts gesendet, und die Adresse wird nach 14 Tagen gelöscht.",
    ),
    "confirmed_title": Text("Thank you", "Vielen Dank"),
    "confirmed_lead": Text("You are subscribed with {address}.", "Sie sind mit {address} angemeldet."),
    "confirmed_note": Text(
        "You can unsubscribe at any time, with one click in every e-mail.",
        "Abmelden können Sie sich jederzeit, mit einem Klick in jeder E-Mail.",
    ),
    "failed_title": Text("This did not work", "Das hat nicht geklappt"),
    "away": Text("We cannot work at the moment.", "Das geht gerade nicht."),
    "too_many": Text("That was too often.", "Das war zu oft."),
    "too_many_step": Text("Please try again in a minute.", "Bitte in einer Minute noch einmal versuchen."),
    "language": Text("Language", "Sprache"),
    "imprint": Text("Imprint", "Impressum"),
}  # fmt: skip


def purpose_name(purpose: str) -> Text:
    return PURPOSES.get(purpose or "advertising", PURPOSES["advertising"])[0]
