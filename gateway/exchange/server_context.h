// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "boost/asio/io_context.hpp"
#include "boost/asio/thread_pool.hpp"
#include "gateway/connection/access_record.h"
#include "gateway/connection/observer.h"
#include "gateway/exchange/pages.h"
#include "gateway/http/limits.h"
#include "gateway/http/response_headers.h"
#include "gateway/rules/json_names.h"
#include "gateway/rules/router.h"
#include "gateway/upstream/call_headers.h"
#include "gateway/upstream/upstream.h"

namespace pinhole::gateway {

// What all requests to an HTTP server share.  Outlives them.
struct ServerContext {
  const Router& router;
  const Pages& pages;
  Upstream& upstream;
  Observer& observer;
  const Limits& limits;
  const ResponsePolicy& answers;
  const JsonNames json_names;
  const std::vector<std::string>& ignored_parameters;
  // The upstream's callbacks share it, because they may outlive the server.
  std::shared_ptr<boost::asio::io_context> io;
  const HeaderPolicy& headers;
  const ClientAddressResolver& clients;
  // Writes the access log; null if there is none.
  const std::function<void(const AccessRecord&)>& on_answered;
  // While it is false, /readyz answers 503.
  const std::atomic<bool>& ready;
  // Returns the text of /metrics; null if /metrics is not served.
  const std::function<std::string()>& metrics;
  const bool metrics_for_loopback_only;
  // Runs work that takes milliseconds.
  boost::asio::thread_pool& workers;
};

}  // namespace pinhole::gateway
