"""Pictures smaller than a chart, made by the server: they stand without script, in mails and in print."""

from collections.abc import Sequence

from markupsafe import Markup

_WIDTH, _TOP, _BOTTOM = 100.0, 4.5, 25.5


def sparkline(values: Sequence[float | None], before: Sequence[float | None] = (), label: str = "") -> Markup:
    """A line without axes on its own scale, so it shows shape, not size. before: the same metric a year earlier."""
    known = [value for value in (*values, *before) if value is not None]
    if len([value for value in values if value is not None]) < 2:
        return Markup('<svg class="s-spark" viewBox="0 0 100 30" aria-hidden="true"></svg>')
    low, high = min(known), max(known)

    def points(series: Sequence[float | None]) -> list[str]:
        step = _WIDTH / max(1, len(series) - 1)
        runs: list[list[str]] = [[]]
        for place, value in enumerate(series):
            if value is None:
                runs.append([])
                continue
            height = (_TOP + _BOTTOM) / 2 if high == low else _BOTTOM - (value - low) / (high - low) * (_BOTTOM - _TOP)
            runs[-1].append(f"{place * step:.1f},{height:.1f}")
        return [" ".join(run) for run in runs if len(run) > 1]

    lines = [Markup('<polyline class="s-p" points="{}"/>').format(run) for run in points(before)]
    lines += [Markup('<polyline class="s-l" points="{}"/>').format(run) for run in points(values)]
    return Markup(
        '<svg class="s-spark" viewBox="0 0 100 30" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>'
    ).format(label, Markup("").join(lines))


def interval_mark(
    low: float, value: float, high: float, start: float, end: float, at: float | None = None, tone: str = ""
) -> Markup:
    """Track from start to end, bar from low to high, tick at the value, dashed line at `at`. tone: "", "bad", "flat"."""

    def x(number: float) -> float:
        return 0.0 if end == start else max(0.0, min(200.0, (number - start) / (end - start) * 200))

    line = "" if at is None else Markup('<line class="s-z" x1="{0:.1f}" x2="{0:.1f}" y1="1" y2="17"/>').format(x(at))
    return Markup(
        '<svg class="s-interval{}" viewBox="0 0 200 18" preserveAspectRatio="none" aria-hidden="true">'
        '<line class="s-t" x1="0" x2="200" y1="9" y2="9"/>{}'
        '<line class="s-i" x1="{:.1f}" x2="{:.1f}" y1="9" y2="9"/><rect class="s-v" x="{:.1f}" y="3" width="3.6" height="12" rx="1"/></svg>'
    ).format(f" s-{tone}" if tone else "", line, x(low), x(high), max(0.0, min(196.4, x(value) - 1.8)))


def share_bar(share: float, tone: str = "") -> Markup:
    """A part of a whole, 0 to 1. tone: "" accent, "warn", "bad"."""
    width = max(0.0, min(1.0, share)) * 64
    return Markup(
        '<svg class="s-share{}" width="64" height="8" viewBox="0 0 64 8" aria-hidden="true">'
        '<rect class="s-t" width="64" height="8" rx="2"/><rect class="s-v" width="{:.1f}" height="8" rx="2"/></svg>'
    ).format(f" s-{tone}" if tone else "", width)


def change_bar(value: float, largest: float, tone: str = "flat") -> Markup:
    """A signed change from a middle line; largest: the size that fills one side. tone: "pos", "neg", "flat"."""
    width = 0.0 if not largest else min(35.0, abs(value) / largest * 35)
    return Markup(
        '<svg class="s-move-bar" viewBox="0 0 74 10" aria-hidden="true"><line x1="37" x2="37" y1="0" y2="10"/>'
        '<rect class="s-{}" x="{:.1f}" y="2" width="{:.1f}" height="6" rx="1"/></svg>'
    ).format(tone, 37.0 if value >= 0 else 37 - width, width)
