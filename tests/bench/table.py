# SPDX-License-Identifier: GPL-2.0-or-later
"""Figures and the table of them. A figure is a list of values, one per round, for each server."""
from statistics import median


class Part:
    """The figures of one part, in the order in which they came."""

    def __init__(self, name, title):
        self.name, self.title, self.rows, self.notes = name, title, {}, []

    def add(self, what, server, value, form=".2f", bar=None, limit=None):
        """bar: the highest ratio offhook/ocserv allowed; limit: (value, text), the highest value of offhook allowed."""
        row = self.rows.setdefault(what, {"what": what, "form": form, "bar": bar, "values": {}})
        if limit is not None:
            row["limit"] = limit
        row["values"].setdefault(server, []).append(value)

    def note(self, text):
        self.notes.append(text)

    def data(self):
        return {"title": self.title, "rows": list(self.rows.values()), "notes": self.notes}


def spread(values, form):
    if not values:
        return "-", ""
    text = format(median(values), form)
    return text, f"{format(min(values), form)}..{format(max(values), form)}" if len(values) > 1 else ""


def verdict(row, ours, theirs):
    """Text and whether it holds (None: there is no bar)."""
    if row.get("limit") and ours:
        limit, text = row["limit"]
        met = median(ours) <= limit
        return f"<= {format(limit, row['form'])} {'met' if met else 'MISSED'} ({text})", met
    if row.get("bar") is not None and ours and theirs and median(theirs) > 0:
        met = median(ours) / median(theirs) <= row["bar"]
        return f"<= {row['bar']:.2f} {'met' if met else 'MISSED'}", met
    return "", None


def lines_of(data):
    """The lines of a part, and what of it misses its bar."""
    lines = [f"{data['title']:<52}{'offhook':>9}{'':>16}{'ocserv':>9}{'':>16}{'ratio':>7}"]
    missed = []
    for row in data["rows"]:
        ours, theirs = row["values"].get("offhook", []), row["values"].get("ocserv", [])
        other = row["values"].get("floor", [])
        line = f"  {row['what']:<50}"
        for values in (ours or other, theirs):
            text, span = spread(values, row["form"])
            line += f"{text:>9} {span:<15}"
        if ours and theirs and median(theirs) > 0:
            line += f"{median(ours) / median(theirs):>7.2f}"
        text, met = verdict(row, ours, theirs)
        if text:
            line = f"{line:<109}  {text}"
        if met is False:
            missed.append(row["what"])
        lines.append(line.rstrip())
    lines += ["  " + note for note in data["notes"]]
    return lines, missed
