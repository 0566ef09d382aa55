// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/store/store.h"

namespace pinhole::domain {

// Signs the short texts that clients return to the server (page tokens, resume
// tokens), so that only those that the server issued are accepted, and only in
// the context that they were issued for.  They are opaque but not secret: a
// client can decode one but not change it.  Thread-safe.
class TokenSigner {
 public:
  // `store` supplies the secret and must outlive this object.
  explicit TokenSigner(const Store& store);

  // Returns `payload`, bound to `context`, as URL-safe base64 without padding.
  std::string Sign(std::string_view context, std::string_view payload) const;

  // Returns the payload, or nullopt if the token was not issued for `context`.
  std::optional<std::string> Verify(std::string_view context,
                                    std::string_view token) const;

 private:
  std::string MacOf(std::string_view context, std::string_view payload) const;

  const Store& store_;
};

}  // namespace pinhole::domain
