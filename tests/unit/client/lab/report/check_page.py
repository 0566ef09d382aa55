#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Takes a lab report's page apart with parsers that are not ours.

Usage: check_page.py PAGE. Prints one line for each fault; any fails.
"""

import collections
import json
import re
import sys
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser

VOID = {"meta"}
ELEMENTS = set(
    "html head meta title style body header main section h1 h2 h3 p ul li dl "
    "div dt dd table thead tbody tr th td details summary figure figcaption "
    "strong span code script svg desc g path line rect circle text".split())


class Nesting(HTMLParser):
    """What a browser sees: every element closed by its own end."""

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.faults = [], [], []

    def handle_starttag(self, tag, attributes):
        self.seen.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        # A browser ends only these by themselves, whatever is written.
        self.seen.append(tag)
        if tag not in VOID and "svg" not in self.open:
            self.faults.append(f"<{tag}/> at {self.getpos()}")

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"unexpected </{tag}> at {self.getpos()}")


def faults(page):
    tree = ElementTree.fromstring(page)
    nesting = Nesting()
    nesting.feed(page)
    yield from nesting.faults
    if nesting.open:
        yield f"never closed: {nesting.open}"
    elements = list(tree.iter())
    # Both parsers must see the same page: no text is markup to one of them.
    if nesting.seen != [element.tag.lower() for element in elements]:
        yield "as HTML and as XML the page has different elements"
    for strange in sorted({element.tag for element in elements} - ELEMENTS):
        yield f"strange element {strange}"
    yield from attribute_faults(elements)
    yield from script_faults(tree)
    if re.search(r"@import|url\(", page):
        yield "the style loads something"


def attribute_faults(elements):
    ids = [e.get("id") for e in elements if e.get("id")]
    for name, count in collections.Counter(ids).items():
        if count > 1:
            yield f"{count} elements have the id {name}"
    for element in elements:
        for name, value in element.attrib.items():
            if name in ("src", "href", "srcset", "action", "style") \
                    or name.startswith("on"):
                yield f"{element.tag} has the attribute {name}"
        for label in element.get("aria-labelledby", "").split():
            if label not in ids:
                yield f"nothing has the id {label}"
    for drawing in (e for e in elements if e.tag == "svg"):
        for part in ("title", "desc"):
            if not (drawing.findtext(part) or "").strip():
                yield f"a drawing without {part}"


def script_faults(tree):
    policy = tree.find(".//meta[@http-equiv='Content-Security-Policy']")
    if "default-src 'none'" not in policy.get("content"):
        yield "the policy lets something in"
    scripts = tree.findall(".//script")
    if [s.get("type") for s in scripts] != ["application/json"]:
        yield "there is a script that is not data"
    elif json.loads(scripts[0].text)["schema"] != "pinhole.lab/1":
        yield "the data is not the report"


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        found = list(faults(file.read()))
    for fault in found:
        print(fault)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
