// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_GATEWAY_HTTP_SERVER_H_
#define PINHOLE_GATEWAY_HTTP_SERVER_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/net/client_address.h"
#include "gateway/connection/access_record.h"
#include "gateway/connection/observer.h"
#include "gateway/connection/tls.h"
#include "gateway/exchange/pages.h"
#include "gateway/http/answer.h"
#include "gateway/http/limits.h"
#include "gateway/openapi/openapi.h"
#include "gateway/upstream/call_headers.h"
#include "gateway/upstream/upstream.h"

namespace pinhole::gateway {

// The JSON door: answers HTTP/1.1 on one address, on a thread of its own, by
// calls to an upstream, as the google.api.http rules of the services say.
class HttpServer {
 public:
  struct Options {
    std::string listen;  // HOST:PORT; port 0 picks a free one.
    // Full names ("pinhole.v1.PhotoService") of services that are linked in.
    std::vector<std::string> services;
    ApiInfo api;                    // For /openapi.json and /docs.
    std::vector<StaticFile> files;  // Served as they are, besides those.
    // The text of /metrics for whoever asks; none: there is no such page.  On a
    // thread that may take its time.
    std::function<std::string()> metrics;
    // Whether /metrics is there only for requests whose Host is of loopback: a
    // proxy on this machine passes on what strangers ask of a public name.
    bool metrics_for_loopback_only = false;
    std::optional<TlsFiles> tls;  // Else plain HTTP.
    Limits limits;
    AnswerPolicy answers;
    // Query parameters that are nobody's mistake ("fbclid", "utm_*"): left out
    // instead of refused.
    std::vector<std::string> ignored_parameters;
    HeaderPolicy headers;
    // Who asks.  Never null.
    std::shared_ptr<const ClientAddressResolver> clients =
        std::make_shared<ClientAddressResolver>();
    // Gets what cut a connection although it must not happen.  On the HTTP
    // thread.
    std::function<void(std::string_view)> log;
    // Gets every request that was answered, for a log.  On the HTTP thread.
    std::function<void(const AccessRecord&)> on_answered = {};
  };

  // `upstream` and `observer` must outlive the server; the upstream's late
  // callbacks may come after it.
  // Errors: INVALID_ARGUMENT (an address that is none; a certificate that is
  // none; an origin that is none; a rule that is wrong or double, with its
  // method and template; a file at the path of a rule; a header that may not
  // pass), NOT_FOUND (no such service), UNAVAILABLE (the address is taken).
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(Options options,
                                                           Upstream& upstream,
                                                           Observer& observer);

  // What `Start` would say of the address, the certificate and the other
  // settings of an operator.  Errors: INVALID_ARGUMENT.
  static absl::Status Check(const Options& options);

  // Cuts what `Drain` left.
  ~HttpServer();

  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // HOST:PORT with the real port.
  const std::string& address() const;

  // Reads the files of TLS again, for connections from now on.  Errors:
  // INVALID_ARGUMENT; then the certificate stays what it was.
  absl::Status ReloadCertificate();

  // Runs `work` on the HTTP thread, never inside this call.
  void Post(std::function<void()> work);

  // From now on /readyz says that it is not, so that nobody sends more here;
  // all else is answered as before.
  void EndReadiness();

  // Stops accepting, closes idle connections, lets requests under way finish
  // for at most `grace` and cuts the rest.  Blocks; returns when no connection
  // is left.  Long-lived streams are ended at once.
  void Drain(absl::Duration grace);

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;  // Keeps Asio out of this header.
};

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_HTTP_SERVER_H_
