"""E-mails from templates: MJML becomes HTML once, with its Liquid kept; for each person only the Liquid is filled."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from liquid.template import BoundTemplate

from schwung.act.channel import Rendered
from schwung.act.links import with_utm_in_html
from schwung.act.liquid import fill, names_in, parse, template_wrong, with_snippets
from schwung.act.template import Template, Variant
from schwung.core.errors import InputError
from schwung.core.text import Language, Text
from schwung.renderers.plain_text import plain_text

_LIQUID = re.compile(r"\{%-?\s*(raw|comment)\b.*?-?%\}.*?\{%-?\s*end\1\s*-?%\}|\{\{.*?\}\}|\{%.*?%\}", re.S)
_MARK = re.compile(r"qz(\d+)zq")
_TAG = re.compile(r"<!--.*?-->|<(/?)(mj[a-z-]*)\b((?:[^>\"']|\"[^\"]*\"|'[^']*')*?)(/?)>|qz\d+zq", re.S)
_HREF = re.compile(r"""(<a\b[^>]*?\shref=)"([^"]*)\"""", re.I)
# Inside these MJML takes marks only when they are raw.
_FRAMES = {"mj-body", "mj-wrapper", "mj-section", "mj-group", "mj-column", "mj-hero", "mj-social", "mj-navbar"}
_SHELL = (
    '<mjml><mj-head><mj-attributes><mj-all font-family="Helvetica, Arial, sans-serif" />'
    '<mj-text font-size="15px" line-height="1.5" /></mj-attributes></mj-head><mj-body>{body}</mj-body></mjml>'
)
_HIDDEN = '<div style="display:none;font-size:1px;line-height:1px;max-height:0;max-width:0;opacity:0;overflow:hidden">{}</div>'


@dataclass(frozen=True, slots=True)
class Links:
    """utm: the query that links to the shop's own domains get."""

    utm: str = ""
    domains: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Compiled:
    """One language of a template, ready to be filled. html: as compiled, its Liquid in place."""

    language: Language
    version: int
    html: str
    subject_part: BoundTemplate
    html_part: BoundTemplate
    text_part: BoundTemplate
    names: Sequence[tuple[str, ...]] = field(default_factory=tuple)

    def render(self, values: Mapping[str, Any]) -> Rendered:
        """For one person. InputError where a value is missing or a limit is hit."""
        subject = " ".join(fill(self.subject_part, values).split())
        if not subject:
            raise InputError(
                "template_subject_empty",
                Text("The subject is empty.", "Der Betreff ist leer."),
                Text("Give it words that always stand.", "Ihm Worte geben, die immer dastehen."),
            )
        text = re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", fill(self.text_part, values))).strip() + "\n"
        return Rendered(
            subject, fill(self.html_part, values), text, language=self.language, template_version=self.version
        )


def compile_email(
    template: Template,
    language: Language,
    variant: Variant,
    snippets: Mapping[str, str],
    links: Links | None = None,
    version: int = 0,
) -> Compiled:
    """InputError that names the part at fault."""
    links = links or Links()
    place = f"{language}.body"
    try:
        kept: list[str] = []
        marked = _kept(with_snippets(variant.body, snippets), kept)
        page = _links_marked(_framed(_to_html(marked, language), _kept(variant.preheader, kept)), kept, links)
        parts = {"html": parse(_put_back(page, kept), escapes=True)}
        place = f"{language}.text"
        told = with_snippets(variant.text, snippets) if variant.text else _put_back(plain_text(page), kept)
        parts["text"] = parse(told)
        place = f"{language}.subject"
        parts["subject"] = parse(variant.subject)
    except InputError as error:
        raise _at(place, error) from error
    names = sorted({one for part in parts.values() for one in names_in(part)})
    return Compiled(
        language, version, _put_back(page, kept), parts["subject"], parts["html"], parts["text"], tuple(names)
    )


def _to_html(marked: str, language: Language) -> str:
    """MJML, parts of MJML, or HTML as it is; marks in place of Liquid."""
    if "<mj" not in marked:
        return marked if "<" in marked else "".join(f"<p>{part}</p>" for part in re.split(r"\n\s*\n", marked))
    import mrml  # six megabytes, which only who compiles needs

    whole = marked if re.search(r"<mjml\b", marked) else _SHELL.replace("{body}", marked)
    whole = re.sub(r"<mjml\b(?![^>]*\slang=)", f'<mjml lang="{language}"', whole, count=1)
    try:
        made = mrml.to_html(_marks_framed(whole), None, mrml.RenderOptions(fonts={}))
    except OSError as error:
        why = str(error).removesuffix(" in root template")
        raise template_wrong(Text(f"the MJML is broken ({why})", f"das MJML ist fehlerhaft ({why})")) from error
    return str(made.content)


def _marks_framed(mjml: str) -> str:
    """Marks between the frames of MJML, where it takes elements only, as raw ones."""
    open_tags: list[str] = []

    def seen(found: re.Match[str]) -> str:
        if found[0].startswith("<!--"):
            return found[0]
        if found[2] is None:
            return f"<mj-raw>{found[0]}</mj-raw>" if open_tags and open_tags[-1] in _FRAMES else found[0]
        if found[1]:
            if found[2] in open_tags:
                del open_tags[len(open_tags) - 1 - open_tags[::-1].index(found[2]) :]
        elif not found[4]:
            open_tags.append(found[2])
        return found[0]

    return _TAG.sub(seen, mjml)


def _framed(page: str, preheader: str) -> str:
    """A whole page, the preheader first in its body."""
    if not re.search(r"<html\b", page, re.I):
        page = f'<!doctype html><html><head><meta charset="utf-8"></head><body>{page}</body></html>'
    return re.sub(
        r"(<body\b[^>]*>)", lambda found: found[1] + (_HIDDEN.format(preheader) if preheader else ""), page, count=1
    )


def _links_marked(page: str, kept: list[str], links: Links) -> str:
    """Links to the shop's domains with where they come from; those with values in them when these are known."""
    if not links.utm or not links.domains:
        return page

    def one(found: re.Match[str]) -> str:
        value = found[2]
        marks = [kept[int(nth)] for nth in _MARK.findall(value)]
        if any(re.search(r"\b(unsubscribe|preferences)_url\b", mark) for mark in marks):
            return found[0]
        if not marks:
            return f'{found[1]}"{with_utm_in_html(value, links.utm, links.domains)}"'
        before, after = (
            "{% capture the_link %}",
            f'{{% endcapture %}}{{{{ the_link | utm: "{links.utm}", "{" ".join(links.domains)}" }}}}',
        )
        return f'{found[1]}"{_kept(before, kept)}{value}{_kept(after, kept)}"'  # fmt: skip

    return _HREF.sub(one, page)


def _kept(source: str, kept: list[str]) -> str:
    """Liquid out of the way: each piece as a mark that neither MJML nor HTML touches."""

    def keep(found: re.Match[str]) -> str:
        kept.append(found[0])
        return f"qz{len(kept) - 1}zq"

    return _LIQUID.sub(keep, source)


def _put_back(source: str, kept: Sequence[str]) -> str:
    return _MARK.sub(lambda found: kept[int(found[1])] if int(found[1]) < len(kept) else found[0], source)


def _at(place: str, error: InputError) -> InputError:
    return InputError(
        error.code, Text("{place}: {why}", "{place}: {why}").fill(place=place, why=error.message), error.step
    )
