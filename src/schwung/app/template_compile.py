"""Compiled templates of a workspace: once per version, language and campaign, then kept."""

from collections.abc import Mapping

from schwung.act.links import utm_query
from schwung.act.template import Template
from schwung.app.wiring import Workspace
from schwung.core.text import Language
from schwung.renderers.email import Compiled, Links, compile_email


def compiled(
    workspace: Workspace,
    template: Template,
    language: Language,
    texts: Mapping[Language, Mapping[str, str]],
    *,
    version: int = 0,
    campaign: str = "",
) -> Compiled:
    """InputError that names what is wrong. texts: the snippets."""
    settings = workspace.settings.email
    medium, named = ("email", campaign or template.campaign or template.name)
    links = Links(utm_query(settings.utm_source, medium, named), tuple(one.lower() for one in settings.shop_domains))
    return compile_email(template, language, template.variants[language], texts[language], links, version)


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
