# SPDX-License-Identifier: Apache-2.0
"""Calls of a method by its google.api.http rule, as a client makes them."""

import copy
import importlib
import re

VERBS = ("get", "put", "post", "delete", "patch")


def bindings(method):
    """The rules of a method descriptor, additional ones after the first."""
    http = importlib.import_module("google.api.annotations_pb2").http
    rule = method.GetOptions().Extensions[http]
    return [rule, *rule.additional_bindings]


def request_for(method, fields, binding=None):
    """(verb, path, query, body) for a request with those fields, by the rule
    number `binding`, or the first that has a place for all of them. A body of
    None is no body."""
    rules = bindings(method)
    for rule in rules if binding is None else [rules[binding]]:
        left = copy.deepcopy(fields)
        verb = rule.WhichOneof("pattern")
        assert verb in VERBS, verb
        path = _fill(getattr(rule, verb), left)
        if path is None:
            continue
        body = None
        if rule.body == "*":
            body, left = left, {}
        elif rule.body:
            body = left.pop(rule.body, {})
        return verb.upper(), path, dict(_flat(left)), body
    raise AssertionError(f"no rule of {method.full_name} takes {fields}")


def _fill(template, fields):
    """The path with the fields in it, which are taken out; or None."""
    taken = []

    def value(match):
        name, _, pattern = match.group(1).partition("=")
        inner = fields
        *outer, last = name.split(".")
        for part in outer:
            inner = inner.get(part, {})
        text = inner.get(last)
        shape = re.escape(pattern or "*").replace(r"\*", "[^/]+")
        # An enum goes into a path by its short name.
        short = str(text).rpartition("_")[2].lower()
        for candidate in (str(text), short):
            if text is not None and re.fullmatch(shape, candidate):
                taken.append((inner, last))
                return candidate
        taken.append(None)
        return ""

    path = re.sub(r"{([^}]+)}", value, template)
    if None in taken:
        return None
    for inner, last in taken:
        del inner[last]
    return path


def _flat(fields, prefix=""):
    for name, value in fields.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value
