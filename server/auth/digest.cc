// SPDX-License-Identifier: Apache-2.0

#include "server/auth/digest.h"

#include <sodium.h>

#include <array>

#include "server/auth/sodium.h"

namespace pinhole::auth {

struct FileDigest::State {
  crypto_hash_sha256_state hash;
};

FileDigest::FileDigest() : state_(std::make_unique<State>()) {
  StartSodium();
  crypto_hash_sha256_init(&state_->hash);
}

FileDigest::~FileDigest() = default;

void FileDigest::Add(std::string_view bytes) {
  crypto_hash_sha256_update(
      &state_->hash, reinterpret_cast<const unsigned char*>(bytes.data()),
      bytes.size());
}

std::string FileDigest::Finish() {
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
  crypto_hash_sha256_final(&state_->hash, digest.data());
  std::string hex(2 * digest.size() + 1, '\0');
  sodium_bin2hex(hex.data(), hex.size(), digest.data(), digest.size());
  hex.pop_back();  // The terminating zero.
  return hex;
}

}  // namespace pinhole::auth
