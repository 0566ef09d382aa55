# SPDX-License-Identifier: Apache-2.0
"""Every parser that reads bytes from strangers has a fuzz target."""

import pytest

import parsers
from parsers import FUZZED, NOT_FUZZED, ROOT, is_parser, targets


def test_every_parser_is_listed():
    unlisted = set(parsers.parsers()) - set(FUZZED) - set(NOT_FUZZED)

    assert not unlisted, (
        f"list them in tests/fuzz/parsers.py with a fuzz target, or with the "
        f"reason why no stranger reaches them: {sorted(unlisted)}")


def test_the_list_has_nothing_that_is_gone():
    for name in [*FUZZED, *NOT_FUZZED]:
        assert (ROOT / f"{name}.h").is_file(), name
    assert not set(FUZZED) & set(NOT_FUZZED)


def test_every_target_of_the_list_is_built_and_has_a_corpus():
    listed = {target for all_of_one in FUZZED.values() for target in all_of_one}

    assert listed == targets()
    for target in listed:
        assert (ROOT / f"tests/fuzz/{target}_fuzz.cc").is_file(), target
        corpus = ROOT / "tests/fuzz/corpus" / target
        assert any(path.stat().st_size for path in corpus.iterdir()), target


def test_no_corpus_is_without_a_target():
    # script/fuzz and script/sanitize take the names of the targets from it.
    corpora = {path.name for path in (ROOT / "tests/fuzz/corpus").iterdir()}

    assert corpora == targets()


@pytest.mark.parametrize("name", ["range", "client_address", "traceparent",
                                  "multipart", "gzip"])
def test_a_target_calls_the_parser_itself(name):
    header = next(key for key, value in FUZZED.items() if name in value)
    source = (ROOT / f"tests/fuzz/{name}_fuzz.cc").read_text()

    # Headers of proto/ are included by their path there.
    assert f'#include "{header.removeprefix("proto/")}.h"' in source


@pytest.mark.parametrize("name, text", [
    ("gateway/cookie.h", "Cookies ParseCookies(std::string_view header);"),
    ("server/media/gif_walk.h", "class GifWalk;"),
    ("server/rpc/forwarded.h",
     "std::optional<Hop>\nFindHop(const RequestHead& head,\n  int number);"),
])
def test_a_new_parser_is_noticed(tmp_path, name, text):
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_text(text)

    assert list(parsers.parsers(tmp_path)) == [name.removesuffix(".h")]


@pytest.mark.parametrize("text", [
    "// ParseAll(std::string_view text) is elsewhere.",
    "int Count(std::string_view text);", "bool IsOpen() const;"])
def test_other_headers_need_no_entry(tmp_path, text):
    assert not is_parser(tmp_path / "other.h", text)
