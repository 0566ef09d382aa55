// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

// OpenSSL's SSL and SSL_CTX.
struct ssl_st;
struct ssl_ctx_st;

namespace pinhole::gateway {

struct TlsSessionDeleter {
  void operator()(ssl_st* session) const;
};
// The server's side of one TLS connection.
using TlsSession = std::unique_ptr<ssl_st, TlsSessionDeleter>;

struct TlsFiles {
  std::string certificate;  // PEM: the server's certificate, then its chain.
  std::string key;          // PEM, without a passphrase.
};

// Checks a PEM file of certificate authorities.  Errors: INVALID_ARGUMENT (the
// file cannot be read or has no certificate).
absl::Status CheckAuthorities(const std::string& file);

// The server's certificate and the TLS settings: TLS 1.3, and TLS 1.2 with
// ECDHE and AEAD suites; HTTP/1.1 only.  Thread-safe.
class Tls {
 public:
  // Errors: INVALID_ARGUMENT (a file cannot be read or is not PEM; the
  // certificate has expired; the key does not match the certificate).
  static absl::StatusOr<std::unique_ptr<Tls>> Load(TlsFiles files);

  // Reads the files again, for connections from now on.  Errors: as for `Load`;
  // the previous certificate then stays in use.
  absl::Status Reload();

  // Creates a session on a non-blocking socket, which must outlive it.  Returns
  // null if memory is short.  OpenSSL calls write(): the process must ignore
  // SIGPIPE.
  TlsSession NewSession(int socket);

 private:
  struct ContextDeleter {
    void operator()(ssl_ctx_st* context) const;
  };
  using Context = std::unique_ptr<ssl_ctx_st, ContextDeleter>;

  Tls(TlsFiles files, Context context);
  static absl::StatusOr<Context> LoadContext(const TlsFiles& files);

  const TlsFiles files_;
  absl::Mutex mutex_;
  Context context_ ABSL_GUARDED_BY(mutex_);  // Sessions share the ownership.
};

}  // namespace pinhole::gateway
