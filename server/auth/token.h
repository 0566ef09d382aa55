// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

namespace pinhole::auth {

// A session token: 32 random bytes in URL-safe base64 without padding.
std::string NewToken();

// The token of a repeatable login: a keyed hash of user and request id, so that
// the same request gets the same token although only its hash is stored. The
// request id is not stored either.
std::string RepeatableToken(std::string_view secret, std::string_view user,
                            std::string_view request_id);

// The stored form of a token: its SHA-256, 32 bytes.
std::string HashToken(std::string_view token);

// SHA-256 over the parts, each preceded by its length, so that no two lists of
// parts collide.  32 bytes.
std::string Digest(std::initializer_list<std::string_view> parts);

// Keyed BLAKE2b over `message`, `bytes` long (16 to 64).
std::string Mac(std::string_view secret, std::string_view message,
                std::size_t bytes);

// Compares in a time that does not depend on where the texts differ.
bool EqualInConstantTime(std::string_view a, std::string_view b);

// Returns `bytes` random bytes.
std::string RandomBytes(std::size_t bytes);

}  // namespace pinhole::auth
