// SPDX-License-Identifier: Apache-2.0

#include "gateway/exchange/pages.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"
#include "base/sha256.h"
#include "fmt/format.h"
#include "gateway/http/entity_tag.h"
#include "gateway/web/docs.h"

namespace pinhole::gateway {
namespace {

// For pages that load their script and style from files.
constexpr std::string_view kFilePolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

// Returns the source expression for the content between <tag> and </tag>.
std::string HashOfElement(std::string_view html, std::string_view tag) {
  const std::string open = fmt::format("<{}>", tag);
  const std::size_t found = html.find(open);
  if (found == std::string_view::npos) return "'none'";
  const std::size_t begin = found + open.size();
  const std::size_t end = html.find(fmt::format("</{}>", tag), begin);
  const Digest hash = Sha256Of(html.substr(begin, end - begin));
  return fmt::format("'sha256-{}'",
                     absl::Base64Escape({hash.data(), hash.size()}));
}

Pages::Page MakePage(std::string path, std::string_view type,
                     std::string body) {
  Pages::Page page;
  page.path = std::move(path);
  page.body = std::move(body);
  // Weak, because the body may be sent compressed.
  page.etag = fmt::format("W/\"{}\"", ToHex(Sha256Of(page.body), 32));
  page.headers.emplace_back("Content-Type", type);
  page.headers.emplace_back("ETag", page.etag);
  // Clients must revalidate: another version of the program has other pages.
  page.headers.emplace_back("Cache-Control", "no-cache");
  return page;
}

}  // namespace

std::string PolicyFor(std::string_view html) {
  return fmt::format(
      "default-src 'none'; script-src {}; style-src {}; connect-src 'self'; "
      "img-src blob:; base-uri 'none'; form-action 'none'; "
      "frame-ancestors 'none'",
      HashOfElement(html, "script"), HashOfElement(html, "style"));
}

Pages::Pages(std::string openapi, std::vector<StaticFile> files) {
  if (!openapi.empty()) {
    pages_.push_back(
        MakePage("/openapi.json", "application/json", std::move(openapi)));
    const std::string_view html = DocsHtml();
    Page docs =
        MakePage("/docs", "text/html; charset=utf-8", std::string(html));
    docs.headers.emplace_back("Content-Security-Policy", PolicyFor(html));
    docs.headers.emplace_back("Referrer-Policy", "no-referrer");
    pages_.push_back(std::move(docs));
  }
  for (StaticFile& file : files) {
    Page page = MakePage(std::move(file.path), file.type, std::move(file.body));
    page.headers.emplace_back("Content-Security-Policy", kFilePolicy);
    page.headers.emplace_back("Referrer-Policy", "no-referrer");
    pages_.push_back(std::move(page));
  }
}

const Pages::Page* Pages::Find(std::string_view path) const {
  for (const Page& page : pages_) {
    if (page.path == path) return &page;
  }
  return nullptr;
}

Response Pages::Answer(const Page& page, std::string_view if_none_match) {
  Response response;
  response.headers = page.headers;
  if (MatchesEtag(if_none_match, page.etag)) {
    response.code = 304;
  } else {
    response.body = page.body;
  }
  return response;
}

}  // namespace pinhole::gateway
