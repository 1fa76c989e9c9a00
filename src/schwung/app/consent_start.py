"""What a shop begins with: wordings to adapt, and the mail that asks for confirmation. What is there already stays."""

from schwung.act.double_opt_in import TEMPLATE as MAIL
from schwung.app.consent_texts import drafts, newest_texts, save_text
from schwung.app.double_opt_in import TEMPLATE
from schwung.app.templates import save_template, templates
from schwung.app.wiring import Workspace


def start(workspace: Workspace, actor: str) -> list[str]:
    """The names of texts and templates that were added."""
    added = []
    known = {one.name for one in newest_texts(workspace)}
    for name, text, purposes, kind in drafts(workspace.settings.workspace.name):
        if name not in known:
            save_text(workspace, name, text, actor, purposes=purposes, kind=kind)
            added.append(name)
    if TEMPLATE not in {one.name for one in templates(workspace)}:
        save_template(workspace, TEMPLATE, MAIL, actor=actor)
        added.append(TEMPLATE)
    return added
