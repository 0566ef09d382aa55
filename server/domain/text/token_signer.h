// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_DOMAIN_TEXT_TOKEN_SIGNER_H_
#define PINHOLE_SERVER_DOMAIN_TEXT_TOKEN_SIGNER_H_

#include <optional>
#include <string>
#include <string_view>

#include "server/store/store.h"

namespace pinhole::domain {

// Seals the small texts that clients carry for us (page tokens, resume tokens),
// so that only our own come back, and only to where they were made.  Opaque,
// not secret: a client could read one, but not change it.  Thread-safe.
class TokenSigner {
 public:
  // `store` gives the secret and must outlive this object.
  explicit TokenSigner(const Store& store);

  // `payload`, bound to `context`, as URL-safe base64 without padding.
  std::string Sign(std::string_view context, std::string_view payload) const;

  // The payload; nothing if the token is not ours or of another context.
  std::optional<std::string> Verify(std::string_view context,
                                    std::string_view token) const;

 private:
  std::string MacOf(std::string_view context, std::string_view payload) const;

  const Store& store_;
};

}  // namespace pinhole::domain

#endif  // PINHOLE_SERVER_DOMAIN_TEXT_TOKEN_SIGNER_H_
