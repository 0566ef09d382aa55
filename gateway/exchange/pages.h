// SPDX-License-Identifier: Apache-2.0

// The pages that an HTTP server itself has: /openapi.json, /docs and static
// files.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/static_file.h"
#include "gateway/http/http_message.h"

namespace pinhole::gateway {

// Immutable, so thread-safe.
class Pages {
 public:
  struct Page {
    std::string path;
    HeaderList headers;
    std::string body;
    std::string etag;
  };

  // `openapi` is the document of /openapi.json and /docs; if it is empty, both
  // are absent.  The Content-Security-Policy of `files` lets them load each
  // other and call the gateway, and nothing else.
  explicit Pages(std::string openapi, std::vector<StaticFile> files = {});

  // Returns null if there is no such page.  Compares the bytes of the path.
  const Page* Find(std::string_view path) const;

  // Returns the response to GET: 200, or 304 if `if_none_match` contains the
  // page's tag.  The response to HEAD is the same without its body.
  static Response Answer(const Page& page, std::string_view if_none_match);

 private:
  std::vector<Page> pages_;
};

// Returns a Content-Security-Policy that lets an HTML page with inline script
// and style run these and call the gateway, and nothing else.
std::string PolicyFor(std::string_view html);

}  // namespace pinhole::gateway
