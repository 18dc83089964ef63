# SPDX-License-Identifier: GPL-2.0-or-later
"""Figures and the table of them. A figure is a list of values, one per round, for each server."""
from statistics import median


class Part:
    """The figures of one part, in the order in which they came."""

    def __init__(self, name, title):
        self.name, self.title, self.rows, self.notes = name, title, {}, []

    def add(self, what, server, value, form=".2f", bar=None, limit=None):
        """bar: the highest ratio offhook/ocserv allowed, or several; limit: (value, text), the highest value of offhook allowed."""
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
        bars = row["bar"] if isinstance(row["bar"], (list, tuple)) else [row["bar"]]
        met = [median(ours) / median(theirs) <= bar for bar in bars]
        return ", ".join(f"<= {bar:.2f} {'met' if ok else 'MISSED'}" for bar, ok in zip(bars, met)), all(met)
    return "", None


def lines_of(data):
    """The lines of a part, and what of it misses its bar."""
    alone = all("floor" in row["values"] for row in data["rows"])
    width = 4 + max([len(row["what"]) for row in data["rows"]] + [len(data["title"])])
    heads = ("", "") if alone else ("offhook", "ocserv")
    lines = [f"{data['title']:<{width}}{heads[0]:>9}{'':16}{heads[1]:>9}{'':16}" + ("" if alone else "  ratio")]
    missed = []
    for row in data["rows"]:
        columns = [row["values"].get(name, []) for name in ("offhook", "ocserv")]
        ours, theirs = columns
        line = f"{'  ' + row['what']:<{width}}"
        for values in [row["values"]["floor"]] if alone else columns:
            text, span = spread(values, row["form"])
            line += f"{text:>9} {span:<15}"
        line += f"{median(ours) / median(theirs):>7.2f}" if ours and theirs and median(theirs) > 0 else f"{'':7}"
        text, met = verdict(row, ours, theirs)
        if met is False:
            missed.append(row["what"])
        lines.append(f"{line}  {text}".rstrip())
    return [line.rstrip() for line in lines] + ["  " + note for note in data["notes"]], missed
