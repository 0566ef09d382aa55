// SPDX-License-Identifier: Apache-2.0

#include "server/auth/password.h"

#include <sodium.h>

#include <array>
#include <cstddef>

#include "base/errors.h"
#include "server/auth/sodium.h"
#include "server/auth/token.h"

namespace pinhole::auth {
namespace {

constexpr unsigned long long kPasses = 2;
constexpr std::size_t kMemoryBytes = 19456 * std::size_t{1024};

}  // namespace

absl::StatusOr<std::string> HashPassword(std::string_view password) {
  StartSodium();
  std::array<char, crypto_pwhash_STRBYTES> phc{};
  if (crypto_pwhash_str_alg(phc.data(), password.data(), password.size(),
                            kPasses, kMemoryBytes,
                            crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return MakeError(Reason::kOutOfMemory,
                     "not enough memory to hash the password");
  }
  return std::string(phc.data());
}

bool VerifyPassword(std::string_view password, const std::string& phc) {
  StartSodium();
  return crypto_pwhash_str_verify(phc.c_str(), password.data(),
                                  password.size()) == 0;
}

const std::string& UnknownUserHash() {
  // The hash of a random password, made once per process.  If there is not
  // enough memory for it, the empty hash matches no password either.
  static const std::string& hash =
      *new std::string(HashPassword(NewToken()).value_or(""));
  return hash;
}

}  // namespace pinhole::auth
