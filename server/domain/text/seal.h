// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_DOMAIN_TEXT_SEAL_H_
#define PINHOLE_SERVER_DOMAIN_TEXT_SEAL_H_

#include <optional>
#include <string>
#include <string_view>

#include "server/store/store.h"

namespace pinhole::domain {

// Seals the small texts that clients carry for us (page tokens, resume tokens),
// so that only our own come back, and only to where they were made.  Opaque,
// not secret: a client could read one, but not change it.  Thread-safe.
class Seal {
 public:
  // `store` gives the secret and must outlive this object.
  explicit Seal(const Store& store);

  // `payload`, bound to `context`, as URL-safe base64 without padding.
  std::string Close(std::string_view context, std::string_view payload) const;

  // The payload; nothing if the token is not ours or of another context.
  std::optional<std::string> Open(std::string_view context,
                                  std::string_view token) const;

 private:
  std::string MacOf(std::string_view context, std::string_view payload) const;

  const Store& store_;
};

}  // namespace pinhole::domain

#endif  // PINHOLE_SERVER_DOMAIN_TEXT_SEAL_H_
