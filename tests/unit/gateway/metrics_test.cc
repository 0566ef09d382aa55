// SPDX-License-Identifier: Apache-2.0

#include "gateway/metrics.h"

#include <string>

#include "gateway/http_server.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prometheus/text_serializer.h"
#include "tests/unit/gateway/fake_upstream.h"
#include "tests/unit/gateway/front/raw_client.h"

namespace pinhole::gateway {
namespace {

using ::testing::HasSubstr;

class MetricsTest : public ::testing::Test {
 protected:
  std::string Page() const {
    return prometheus::TextSerializer().Serialize(registry_.Collect());
  }

  prometheus::Registry registry_;
  Metrics metrics_{registry_};
};

TEST_F(MetricsTest, RequestsAreCountedByMethodRouteAndCode) {
  metrics_.Started("GET");
  EXPECT_THAT(Page(), HasSubstr("http_server_active_requests{"
                                "http_request_method=\"GET\"} 1\n"));

  metrics_.Finished({.method = "GET",
                     .route = "/v1/a",
                     .code = 200,
                     .took = absl::Milliseconds(3),
                     .received_bytes = 111,
                     .sent_bytes = 2022});

  const std::string page = Page();
  EXPECT_THAT(page, HasSubstr("http_server_active_requests{"
                              "http_request_method=\"GET\"} 0\n"));
  EXPECT_THAT(page, HasSubstr("http_server_request_duration_seconds_count{"
                              "http_request_method=\"GET\","
                              "http_response_status_code=\"200\","
                              "http_route=\"/v1/a\"} 1\n"));
  EXPECT_THAT(page, HasSubstr("http_server_received_bytes_total{"
                              "http_request_method=\"GET\","
                              "http_route=\"/v1/a\"} 111\n"));
  EXPECT_THAT(page, HasSubstr("http_server_sent_bytes_total{"
                              "http_request_method=\"GET\","
                              "http_route=\"/v1/a\"} 2022\n"));
}

TEST_F(MetricsTest, ConnectionsAndFaultsAreCounted) {
  metrics_.ConnectionOpened();
  metrics_.ConnectionOpened();
  metrics_.ConnectionClosed();
  metrics_.ConnectionRefused();
  metrics_.Faulted();

  const std::string page = Page();
  EXPECT_THAT(page, HasSubstr("\nhttp_server_open_connections 1\n"));
  EXPECT_THAT(page, HasSubstr("\nhttp_server_refused_connections_total 1\n"));
  EXPECT_THAT(page, HasSubstr("\nhttp_server_faults_total 1\n"));
}

TEST_F(MetricsTest, BytesOfTheWireAreCountedExactly) {
  FakeUpstream upstream;
  HttpServer::Options options;
  options.listen = "127.0.0.1:0";
  auto server = HttpServer::Start(options, upstream, metrics_).value();
  const std::string request = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
  std::size_t sent = 0;
  {
    RawClient client(server->address());
    client.Send(request);
    const auto answer = client.Read();
    sent = answer.head.size() + answer.body.size();
    EXPECT_THAT(Page(), HasSubstr("\nhttp_server_open_connections 1\n"));
  }

  server = nullptr;  // Its end is the end of the requests.

  const std::string page = Page();
  EXPECT_THAT(page, HasSubstr("http_server_received_bytes_total{"
                              "http_request_method=\"GET\","
                              "http_route=\"/healthz\"} " +
                              std::to_string(request.size()) + "\n"));
  EXPECT_THAT(page, HasSubstr("http_server_sent_bytes_total{"
                              "http_request_method=\"GET\","
                              "http_route=\"/healthz\"} " +
                              std::to_string(sent) + "\n"));
  EXPECT_THAT(page, HasSubstr("\nhttp_server_open_connections 0\n"));
}

}  // namespace
}  // namespace pinhole::gateway
