// SPDX-License-Identifier: Apache-2.0

#include "gateway/connection/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <cstring>
#include <string_view>
#include <utility>

#include "fmt/format.h"

namespace pinhole::gateway {
namespace {

absl::Status Refuse(std::string_view what, const std::string& file) {
  // The first error is the most specific; later ones come from the callers.
  const auto code = ERR_peek_error();
  const char* const reason = ERR_SYSTEM_ERROR(code)
                                 ? std::strerror(ERR_GET_REASON(code))
                                 : ERR_reason_error_string(code);
  absl::Status status = absl::InvalidArgumentError(
      fmt::format("cannot use {} {}: {}", what, file,
                  reason == nullptr ? "cannot be used" : reason));
  ERR_clear_error();
  return status;
}

// Suites of TLS 1.2 with forward secrecy and authenticated encryption, which
// all suites of TLS 1.3 have.  gRPC's own default is as strict.
constexpr char kSuites[] = "ECDHE+AESGCM:ECDHE+CHACHA20";

// Without it OpenSSL asks for a passphrase on the terminal.
int NoPassphrase(char* /*to*/, int /*size*/, int /*writing*/, void* /*data*/) {
  return 0;
}

// Rejects clients that offer only HTTP/2 during the handshake (ALPN).
int ChooseProtocol(SSL* /*session*/, const unsigned char** chosen,
                   unsigned char* size, const unsigned char* offered,
                   unsigned int offered_size, void* /*data*/) {
  static constexpr unsigned char kOurs[] = "\x08http/1.1";
  unsigned char* found = nullptr;
  if (SSL_select_next_proto(&found, size, kOurs, sizeof(kOurs) - 1, offered,
                            offered_size) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

void TlsSessionDeleter::operator()(ssl_st* session) const { SSL_free(session); }

void Tls::ContextDeleter::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}

absl::Status CheckAuthorities(const std::string& file) {
  ERR_clear_error();
  const std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)> store(
      X509_STORE_new(), X509_STORE_free);
  if (store == nullptr ||
      X509_STORE_load_file(store.get(), file.c_str()) != 1) {
    return Refuse("the TLS authorities", file);
  }
  return absl::OkStatus();
}

absl::StatusOr<Tls::Context> Tls::LoadContext(const TlsFiles& files) {
  ERR_clear_error();
  Context context(SSL_CTX_new(TLS_server_method()));
  if (context == nullptr) {
    return absl::ResourceExhaustedError("not enough memory for TLS");
  }
  SSL_CTX* const raw = context.get();
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  if (SSL_CTX_set_cipher_list(raw, kSuites) != 1) {
    return absl::InternalError(
        "OpenSSL does not support the required TLS suites");
  }
  SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION);
  // Idle connections need no buffers; a write can be repeated from another
  // address.
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS |
                            SSL_MODE_ENABLE_PARTIAL_WRITE |
                            SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_default_passwd_cb(raw, NoPassphrase);
  SSL_CTX_set_alpn_select_cb(raw, ChooseProtocol, nullptr);
  if (SSL_CTX_use_certificate_chain_file(raw, files.certificate.c_str()) != 1) {
    return Refuse("the TLS certificate", files.certificate);
  }
  const X509* const own = SSL_CTX_get0_certificate(raw);
  if (X509_cmp_current_time(X509_get0_notAfter(own)) < 0) {
    return absl::InvalidArgumentError(
        fmt::format("cannot use the TLS certificate {}: it has expired",
                    files.certificate));
  }
  if (SSL_CTX_use_PrivateKey_file(raw, files.key.c_str(), SSL_FILETYPE_PEM) !=
          1 ||
      SSL_CTX_check_private_key(raw) != 1) {
    return Refuse("the TLS key", files.key);
  }
  return context;
}

absl::StatusOr<std::unique_ptr<Tls>> Tls::Load(TlsFiles files) {
  auto context = LoadContext(files);
  if (!context.ok()) return context.status();
  return std::unique_ptr<Tls>(new Tls(std::move(files), *std::move(context)));
}

Tls::Tls(TlsFiles files, Context context)
    : files_(std::move(files)), context_(std::move(context)) {}

absl::Status Tls::Reload() {
  auto context = LoadContext(files_);
  if (!context.ok()) return context.status();
  absl::MutexLock lock(&mutex_);
  context_ = *std::move(context);
  return absl::OkStatus();
}

TlsSession Tls::NewSession(int socket) {
  absl::MutexLock lock(&mutex_);
  TlsSession session(SSL_new(context_.get()));
  if (session == nullptr || SSL_set_fd(session.get(), socket) != 1) {
    return nullptr;
  }
  SSL_set_accept_state(session.get());
  return session;
}

}  // namespace pinhole::gateway
