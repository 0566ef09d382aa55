# SPDX-License-Identifier: Apache-2.0
"""The tree agrees with the plan, and the check would notice if it did not."""

import pathlib

import pytest

import layering

ROOT = pathlib.Path(__file__).resolve().parents[2]


def test_tree_keeps_to_the_plan():
    assert list(layering.violations(ROOT)) == []


@pytest.mark.parametrize("path, line", [
    ("server/domain/photos.cc", '#include "server/rpc/call.h"'),
    ("server/domain/photos.cc", '#include "pinhole/v1/photo_service.pb.h"'),
    ("server/store/store.h", '#include "server/domain/photos.h"'),
    ("server/rpc/call.cc", '#include "server/store/store.h"'),
    ("server/rpc/call.cc", '#include "server/app/config.h"'),
    ("gateway/routes.cc", '#include "server/model/photo.h"'),
    ("base/clock.h", '#include "gateway/routes.h"'),
    ("client/src/client.cc", '#include "server/model/photo.h"'),
    ("client/cli/main.cc", '#include "client/src/pages.h"'),
    ("server/domain/photos.cc", "#include <sqlite3.h>"),
    ("server/media/s3/client.cc", "#include <curl/curl.h>"),
    ("server/rpc/call.cc", '#include "boost/beast/http.hpp"'),
    ("server/rpc/call.cc", "  return grpc::Status(code, text);"),
    ("server/rpc/call.cc", "  grpc::CompletionQueue queue;"),
    ("server/store/sqlite/writes/writer.cc", "} catch (const SQLite::Exception& e) {"),
    ("gateway/session.cc", "  Send(http::status::not_found);"),
    ("server/attic/old.cc", ""),
])
def test_drift_is_noticed(tmp_path, path, line):
    file = tmp_path / path
    file.parent.mkdir(parents=True)
    file.write_text(f"{line}\n")

    found = list(layering.violations(tmp_path))

    assert len(found) == 1
    assert found[0].startswith(f"{path}: ")


def test_a_circle_of_folders_is_noticed(tmp_path):
    for path, line in [("gateway/http/range.h", "gateway/rules/route.h"),
                       ("gateway/rules/route.h", "gateway/json/json.h"),
                       ("gateway/json/json.h", "gateway/http/range.h"),
                       ("gateway/main.cc", "gateway/json/json.h")]:
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f'#include "{line}"\n')

    found = sorted(layering.violations(tmp_path))

    assert [line.split(":")[0] for line in found] == [
        "gateway/http/range.h", "gateway/json/json.h", "gateway/rules/route.h"]


@pytest.mark.parametrize("folder, library", [
    ("server/domain", "rpc"), ("server/store", "media"),
    ("gateway", "store"), ("client", "domain"),
])
def test_wrong_link_is_noticed(tmp_path, folder, library):
    file = tmp_path / folder / "CMakeLists.txt"
    file.parent.mkdir(parents=True)
    file.write_text(f"pinhole_library(x SOURCES x.cc LIBS pinhole_{library})\n")

    assert len(list(layering.violations(tmp_path))) == 1
