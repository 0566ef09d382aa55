# SPDX-License-Identifier: Apache-2.0
"""Each help text can be understood alone. Completion menus, the table of
settings and error messages show a text without the ones around it."""

import re
import sys

import pytest

from processes import BIN, ROOT

sys.path.insert(0, str(ROOT / "packaging"))
import manual  # noqa: E402  pylint: disable=wrong-import-position

# Patterns of texts that are rejected, with the reason.
REJECTED = {
    r"^$": "empty",
    r"^(?!gRPC)[a-z]": "begins with a lower-case letter",
    r"\b[Ii]t and\b": "refers to another entry",
    r"\b[Tt]he same\b": "refers to another entry",
    r"\b[Tt]he next\b": "refers to another entry",
    r"\b[Aa]bove\b": "depends on the order of entries",
    r"\b[Bb]elow\b": "depends on the order of entries",
    r"\bthat certificate\b": "refers to another entry",
    r"\bof it\b": "'it' is in another entry",
    r"\b[Tt]hose of\b": "refers to another entry",
    r"\bWho ": "a question; name what the option sets",
    r"\bWhat ": "a question; name what the option sets",
}


def texts(command):
    """Pairs of an entry's name and its text, of all commands."""
    for each in command.everything():
        path = " ".join(each.path)
        yield path, each.about
        for option in each.options + each.positionals:
            name = option.names[-1] if option.names else option.kind.split()[0]
            yield f"{path} {name}", option.text


def test_the_patterns_reject_what_they_are_meant_to():
    for text in ("", "its key", "It and the next two: limits",
                 "The same of one address", "Key of that certificate",
                 "Who may see it", "What to say", "As above"):
        assert any(re.search(pattern, text) for pattern in REJECTED), text
    for text in ("Maximum size of its items", "gRPC servers to connect to"):
        assert not any(re.search(pattern, text) for pattern in REJECTED), text


@pytest.mark.parametrize("program",
                         ["pinhole", "pinhole-server", "pinhole-gateway"])
def test_each_help_text_can_be_understood_alone(program):
    offenders = [f"{name}: {reason}: {text!r}"
                 for name, text in texts(manual.read(BIN / program, [program]))
                 for pattern, reason in REJECTED.items()
                 if re.search(pattern, text)]

    assert not offenders, "\n" + "\n".join(offenders)
