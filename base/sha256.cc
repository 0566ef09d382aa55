// SPDX-License-Identifier: Apache-2.0

#include "base/sha256.h"

#include <openssl/evp.h>

#include <cstdlib>

#include "absl/strings/escaping.h"

namespace pinhole {
namespace {

// OpenSSL's digest functions fail only if memory is exhausted.
void Require(int result) {
  if (result != 1) std::abort();
}

}  // namespace

std::string ToHex(const Digest& digest, std::size_t digits) {
  return absl::BytesToHexString({digest.data(), digest.size()})
      .substr(0, digits);
}

void Sha256::Free::operator()(evp_md_ctx_st* context) const {
  EVP_MD_CTX_free(context);
}

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  Require(EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr));
}

Sha256::~Sha256() = default;

void Sha256::Add(std::string_view bytes) {
  Require(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()));
}

Digest Sha256::Value() const {
  const Sha256 ended;
  Require(EVP_MD_CTX_copy_ex(ended.context_.get(), context_.get()));
  Digest digest = {};
  Require(EVP_DigestFinal_ex(ended.context_.get(),
                             reinterpret_cast<unsigned char*>(digest.data()),
                             nullptr));
  return digest;
}

Digest Sha256Of(std::string_view bytes) {
  Sha256 hash;
  hash.Add(bytes);
  return hash.Value();
}

}  // namespace pinhole
