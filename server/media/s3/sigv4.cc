// SPDX-License-Identifier: Apache-2.0

#include "server/media/s3/sigv4.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <cstdlib>

#include "base/sha256.h"
#include "fmt/format.h"

namespace pinhole::media::s3 {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

std::string Hmac(std::string_view key, std::string_view text) {
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  // Fails only if memory is exhausted.
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(),
           mac, &size) == nullptr) {
    std::abort();
  }
  return {reinterpret_cast<const char*>(mac), size};
}

std::string Stamp(absl::Time now) {
  return absl::FormatTime("%Y%m%dT%H%M%SZ", now, absl::UTCTimeZone());
}

std::string Day(absl::Time now) { return Stamp(now).substr(0, 8); }

std::string EncodeAllBut(std::string_view kept, std::string_view text) {
  std::string encoded;
  encoded.reserve(text.size());
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       (c >= '0' && c <= '9');
    if (plain || kept.find(c) != std::string_view::npos) {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

// The headers to sign, sorted by name.
Fields SortedHeaders(const UnsignedRequest& request) {
  Fields headers = request.headers;
  headers.emplace_back("host", request.host);
  std::sort(headers.begin(), headers.end());
  return headers;
}

std::string SignedHeaders(const UnsignedRequest& request) {
  std::string names;
  for (const auto& [name, value] : SortedHeaders(request)) {
    names += names.empty() ? name : ";" + name;
  }
  return names;
}

}  // namespace

Signer::Signer(Credentials credentials, std::string region, std::string service)
    : credentials_(std::move(credentials)),
      region_(std::move(region)),
      service_(std::move(service)) {}

std::string Signer::Scope(absl::Time now) const {
  return fmt::format("{}/{}/{}/aws4_request", Day(now), region_, service_);
}

std::string Signer::Signature(const UnsignedRequest& request,
                              absl::Time now) const {
  std::string canonical =
      fmt::format("{}\n{}\n{}\n", request.method, EncodePath(request.path),
                  EncodeQuery(request.query));
  for (const auto& [name, value] : SortedHeaders(request)) {
    canonical += fmt::format("{}:{}\n", name, value);
  }
  canonical +=
      fmt::format("\n{}\n{}", SignedHeaders(request), request.payload_sha256);
  const std::string text = fmt::format("{}\n{}\n{}\n{}", kAlgorithm, Stamp(now),
                                       Scope(now), ToHex(Sha256Of(canonical)));
  std::string key = "AWS4" + credentials_.secret_access_key;
  for (const std::string& part :
       {Day(now), region_, service_, std::string("aws4_request"), text}) {
    key = Hmac(key, part);
  }
  Digest signature;
  std::copy(key.begin(), key.end(), signature.begin());
  return ToHex(signature);
}

Fields Signer::Sign(const UnsignedRequest& request, absl::Time now) const {
  Fields added = {{"x-amz-date", Stamp(now)}};
  if (!credentials_.session_token.empty()) {
    added.emplace_back("x-amz-security-token", credentials_.session_token);
  }
  UnsignedRequest whole = request;
  whole.headers.insert(whole.headers.end(), added.begin(), added.end());
  added.emplace_back(
      "authorization",
      fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}",
                  kAlgorithm, credentials_.access_key_id, Scope(now),
                  SignedHeaders(whole), Signature(whole, now)));
  return added;
}

std::string Signer::Presign(UnsignedRequest request, absl::Time now,
                            absl::Duration lifetime) const {
  Fields& query = request.query;
  query.emplace_back("X-Amz-Algorithm", kAlgorithm);
  query.emplace_back(
      "X-Amz-Credential",
      fmt::format("{}/{}", credentials_.access_key_id, Scope(now)));
  query.emplace_back("X-Amz-Date", Stamp(now));
  query.emplace_back("X-Amz-Expires",
                     fmt::format("{}", absl::ToInt64Seconds(lifetime)));
  query.emplace_back("X-Amz-SignedHeaders", SignedHeaders(request));
  if (!credentials_.session_token.empty()) {
    query.emplace_back("X-Amz-Security-Token", credentials_.session_token);
  }
  request.payload_sha256 = kUnsignedPayload;
  const std::string signature = Signature(request, now);
  return fmt::format("{}?{}&X-Amz-Signature={}", EncodePath(request.path),
                     EncodeQuery(request.query), signature);
}

std::string Encode(std::string_view text) { return EncodeAllBut("-._~", text); }

std::string EncodePath(std::string_view path) {
  return EncodeAllBut("-._~/", path);
}

std::string EncodeQuery(const Fields& query) {
  Fields encoded;
  for (const auto& [name, value] : query) {
    encoded.emplace_back(Encode(name), Encode(value));
  }
  std::sort(encoded.begin(), encoded.end());
  std::string text;
  for (const auto& [name, value] : encoded) {
    text += fmt::format("{}{}={}", text.empty() ? "" : "&", name, value);
  }
  return text;
}

}  // namespace pinhole::media::s3
