// SPDX-License-Identifier: Apache-2.0

// Pages: what the gateway has to show of itself, /openapi.json and /docs, and
// the files that it is given.

#ifndef PINHOLE_GATEWAY_EXCHANGE_PAGES_H_
#define PINHOLE_GATEWAY_EXCHANGE_PAGES_H_

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

  // `openapi`: the document that /docs is about; without one there is neither.
  // `files`: more, which may run
  // and show each other, call the gateway, and nothing else.
  explicit Pages(std::string openapi, std::vector<StaticFile> files = {});

  // Null if there is none.  The path is compared byte by byte.
  const Page* Find(std::string_view path) const;

  // The answer to GET, or to HEAD once the body is taken away: 200, or 304 if
  // `if_none_match` has the page.
  static Response Answer(const Page& page, std::string_view if_none_match);

 private:
  std::vector<Page> pages_;
};

// The Content-Security-Policy of a page of HTML that has its script and style
// in it: it may run these, call the gateway, and nothing else.
std::string PolicyFor(std::string_view html);

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_EXCHANGE_PAGES_H_
