// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "tests/unit/gateway/front/raw_client.h"

namespace pinhole::gateway {

// A client that speaks TLS and takes any certificate.
class TlsClient final : public RawClient {
 public:
  struct Wishes {
    int max_version = TLS1_3_VERSION;
    std::string protocol;     // Of ALPN.
    std::string suites = {};  // Of TLS 1.2, as OpenSSL names them.
  };

  explicit TlsClient(const std::string& address)
      : TlsClient(address, Wishes()) {}
  TlsClient(const std::string& address, const Wishes& wishes)
      : RawClient(address) {
    SSL_CTX* const context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context, wishes.max_version);
    // TLS 1.1 is nothing OpenSSL would speak without.
    SSL_CTX_set_security_level(context, 0);
    if (!wishes.suites.empty()) {
      EXPECT_EQ(SSL_CTX_set_cipher_list(context, wishes.suites.c_str()), 1);
    }
    session_ = SSL_new(context);
    SSL_CTX_free(context);
    if (!wishes.protocol.empty()) {
      const std::string list =
          static_cast<char>(wishes.protocol.size()) + wishes.protocol;
      SSL_set_alpn_protos(session_,
                          reinterpret_cast<const unsigned char*>(list.data()),
                          static_cast<unsigned>(list.size()));
    }
    SSL_set_fd(session_, socket());
    secure_ = SSL_connect(session_) == 1;
  }
  ~TlsClient() override { SSL_free(session_); }

  bool secure() const { return secure_; }
  std::string protocol() const {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(session_, &name, &size);
    return {reinterpret_cast<const char*>(name), size};
  }
  std::string server() const {
    X509* const certificate = SSL_get1_peer_certificate(session_);
    char name[100];
    X509_NAME_oneline(X509_get_subject_name(certificate), name, sizeof(name));
    X509_free(certificate);
    return name;
  }
  // Says that nothing more comes, and leaves the connection open.
  void EndTls() { SSL_shutdown(session_); }
  // Whether the server said that nothing more comes.
  bool WasEnded() const {
    return (SSL_get_shutdown(session_) & SSL_RECEIVED_SHUTDOWN) != 0;
  }

 private:
  ssize_t Put(std::string_view bytes) override {
    return SSL_write(session_, bytes.data(), static_cast<int>(bytes.size()));
  }
  ssize_t Get(char* to, std::size_t size) override {
    return SSL_read(session_, to, static_cast<int>(size));
  }

  SSL* session_ = nullptr;
  bool secure_ = false;
};

}  // namespace pinhole::gateway
