// SPDX-License-Identifier: Apache-2.0

#pragma once

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
#include "gateway/http/limits.h"
#include "gateway/http/response_headers.h"
#include "gateway/openapi/openapi.h"
#include "gateway/rules/json_names.h"
#include "gateway/upstream/call_headers.h"
#include "gateway/upstream/upstream.h"

namespace pinhole::gateway {

// Serves HTTP/1.1 on one address by calling an upstream, according to the
// google.api.http rules of the services.  Runs on a thread of its own.
class HttpServer {
 public:
  struct Options {
    std::string listen;  // HOST:PORT; port 0 picks a free one.
    // Full names ("pinhole.v1.PhotoService") of services that are linked in.
    std::vector<std::string> services;
    ApiInfo api;                    // For /openapi.json and /docs.
    std::vector<StaticFile> files;  // More files to serve.
    // Returns the text of /metrics; null if /metrics is not served.  Called on
    // a thread that may block.
    std::function<std::string()> metrics;
    // Whether /metrics is served only for a loopback Host.  A reverse proxy on
    // this machine forwards requests for a public name.
    bool metrics_for_loopback_only = false;
    std::optional<TlsFiles> tls;  // Nothing: plaintext.
    Limits limits;
    ResponsePolicy answers;
    // The names of fields in JSON responses and in /openapi.json.
    JsonNames json_names = JsonNames::kJson;
    // Unknown query parameters to ignore instead of rejecting the request
    // ("fbclid", "utm_*").
    std::vector<std::string> ignored_parameters;
    HeaderPolicy headers;
    // Finds the address of the client.  Never null.
    std::shared_ptr<const ClientAddressResolver> clients =
        std::make_shared<ClientAddressResolver>();
    // Receives exceptions that closed a connection.  Called on the HTTP thread.
    std::function<void(std::string_view)> log;
    // Receives every finished request.  Called on the HTTP thread.
    std::function<void(const AccessRecord&)> on_answered = {};
  };

  // `upstream` and `observer` must outlive the server.  The upstream may call
  // its callbacks after the server has ended.
  // Errors: INVALID_ARGUMENT (`Check` fails; a rule is invalid or conflicts
  // with another, both of which are named; a file has the path of a rule),
  // NOT_FOUND (a service does not exist), UNAVAILABLE (the address is in use).
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(Options options,
                                                           Upstream& upstream,
                                                           Observer& observer);

  // Checks the address, the certificate, the origins and the headers as `Start`
  // does.  Errors: INVALID_ARGUMENT.
  static absl::Status Check(const Options& options);

  // Closes all connections that are still open.
  ~HttpServer();

  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // HOST:PORT with the port that was bound.
  const std::string& address() const;

  // Reads the TLS files again, for connections from now on.  Errors:
  // INVALID_ARGUMENT; the previous certificate then stays in use.
  absl::Status ReloadCertificate();

  // Runs `work` on the HTTP thread, never within this call.
  void Post(std::function<void()> work);

  // Makes /readyz answer 503, so that load balancers send no more requests. All
  // other requests are served as before.
  void EndReadiness();

  // Stops accepting, closes idle connections, ends streams, waits at most
  // `grace` for requests under way and closes the rest.  Blocks until no
  // connection is left.
  void Drain(absl::Duration grace);

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;  // Hides Asio, which compiles slowly.
};

}  // namespace pinhole::gateway
