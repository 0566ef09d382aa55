// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_GATEWAY_CONNECTION_TLS_H_
#define PINHOLE_GATEWAY_CONNECTION_TLS_H_

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
// The server's end of one connection's TLS.
using TlsSession = std::unique_ptr<ssl_st, TlsSessionDeleter>;

struct TlsFiles {
  std::string certificate;  // PEM: the server's own first, then the chain's.
  std::string key;          // PEM, without a passphrase.
};

// Errors: INVALID_ARGUMENT (a file that cannot be read or has no certificate).
absl::Status CheckAuthorities(const std::string& file);

// The certificate that the door shows: TLS 1.3, and 1.2 with ECDHE and AEAD
// suites; HTTP/1.1 only.
// Thread-safe.
class Tls {
 public:
  // Errors: INVALID_ARGUMENT (a file that cannot be read or is no PEM; a
  // certificate that has expired; a key that is another certificate's).
  static absl::StatusOr<std::unique_ptr<Tls>> Load(TlsFiles files);

  // Reads the files again, for connections from now on.  Errors: as of `Load`;
  // the certificate then stays what it was.
  absl::Status Reload();

  // Over a non-blocking socket, which must outlive it.  Null if there is no
  // memory.  OpenSSL writes with write(): the process must ignore SIGPIPE.
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
  Context context_ ABSL_GUARDED_BY(mutex_);  // Sessions keep theirs alive.
};

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_CONNECTION_TLS_H_
