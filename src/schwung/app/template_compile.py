"""Compiled templates of a workspace: once per version, language and campaign, then kept."""

from collections.abc import Mapping
from dataclasses import replace

from schwung.act.links import utm_query
from schwung.act.payload import Payload, compile_payload
from schwung.act.template import Template
from schwung.app.wiring import Workspace
from schwung.core.text import Language
from schwung.renderers.email import Compiled, Links, compile_email


def fillable(
    workspace: Workspace,
    template: Template,
    language: Language,
    texts: Mapping[Language, Mapping[str, str]],
    *,
    version: int = 0,
    campaign: str = "",
) -> Compiled | Payload:
    """What is filled for each person. InputError that names what is wrong. texts: the snippets."""
    if template.channel == "webhook":
        return compile_payload(template, version)
    return _compiled(workspace, template, language, texts, version, campaign)


def _compiled(
    workspace: Workspace,
    template: Template,
    language: Language,
    texts: Mapping[Language, Mapping[str, str]],
    version: int,
    campaign: str,
) -> Compiled:
    settings = workspace.settings.email
    query = utm_query(settings.utm_source, "email", campaign or template.campaign or template.name)
    links = Links(query, tuple(one.lower() for one in settings.shop_domains))
    variant = template.variants[language]
    if template.channel == "snippet":
        variant = replace(variant, subject=template.name)
    return compile_email(template, language, variant, texts[language], links, version)


def snippets(workspace: Workspace, others: Mapping[str, Template] | None = None) -> dict[Language, Mapping[str, str]]:
    """The bodies of all snippets by language and name; one that lacks a language stands in its other one."""
    from schwung.app.templates import templates

    known = {one.name: one.template for one in templates(workspace)} | dict(others or {})
    found = {name: one for name, one in known.items() if one.channel == "snippet"}
    fallback = workspace.settings.workspace.language
    languages: tuple[Language, ...] = ("en", "de")
    return {
        language: {name: one.variant(language, fallback)[1].body for name, one in found.items()}
        for language in languages
    }
