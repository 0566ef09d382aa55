// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_AUTH_DIGEST_H_
#define PINHOLE_SERVER_AUTH_DIGEST_H_

#include <memory>
#include <string>
#include <string_view>

namespace pinhole::auth {

// SHA-256 of bytes that come in pieces, for files.  Not thread-safe.
class FileDigest {
 public:
  FileDigest();
  ~FileDigest();
  FileDigest(const FileDigest&) = delete;
  FileDigest& operator=(const FileDigest&) = delete;

  void Add(std::string_view bytes);
  // 64 hex digits, as sha256sum prints them.  Call it once.
  std::string Finish();

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

}  // namespace pinhole::auth

#endif  // PINHOLE_SERVER_AUTH_DIGEST_H_
