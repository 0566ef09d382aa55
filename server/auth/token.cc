// SPDX-License-Identifier: Apache-2.0

#include "server/auth/token.h"

#include <sodium.h>

#include <array>
#include <cstdint>

#include "server/auth/sodium.h"

namespace pinhole::auth {
namespace {

constexpr std::size_t kTokenBytes = 32;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* Bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

std::string Base64(std::string_view bytes) {
  constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  std::string text(sodium_base64_encoded_len(bytes.size(), kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), Bytes(bytes), bytes.size(),
                    kVariant);
  text.pop_back();  // The terminating zero.
  return text;
}

// A number of fixed width and byte order.
std::array<unsigned char, 8> BigEndian(std::uint64_t number) {
  std::array<unsigned char, 8> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<unsigned char>(number >> (8 * (7 - i)));
  }
  return bytes;
}

}  // namespace

std::string NewToken() { return Base64(RandomBytes(kTokenBytes)); }

std::string RepeatableToken(std::string_view secret, std::string_view user,
                            std::string_view request_id) {
  return Base64(
      Mac(secret, Digest({"session token", user, request_id}), kTokenBytes));
}

std::string HashToken(std::string_view token) {
  StartSodium();
  std::string hash(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256(Bytes(hash), Bytes(token), token.size());
  return hash;
}

std::string Digest(std::initializer_list<std::string_view> parts) {
  StartSodium();
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  for (const std::string_view part : parts) {
    const auto length = BigEndian(part.size());
    crypto_hash_sha256_update(&state, length.data(), length.size());
    crypto_hash_sha256_update(&state, Bytes(part), part.size());
  }
  std::string digest(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256_final(&state, Bytes(digest));
  return digest;
}

std::string Mac(std::string_view secret, std::string_view message,
                std::size_t bytes) {
  StartSodium();
  // BLAKE2b takes keys of 16 to 64 bytes; a digest accepts any secret and
  // preserves its strength.
  const std::string key = Digest({secret});
  std::string mac(bytes, '\0');
  crypto_generichash(Bytes(mac), mac.size(), Bytes(message), message.size(),
                     Bytes(key), key.size());
  return mac;
}

bool EqualInConstantTime(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string RandomBytes(std::size_t bytes) {
  StartSodium();
  std::string random(bytes, '\0');
  randombytes_buf(random.data(), random.size());
  return random;
}

}  // namespace pinhole::auth
