// SPDX-License-Identifier: Apache-2.0

// Headers that go along with a call, and those that come back with its reply.

#include <string>

#include "gmock/gmock.h"
#include "pinhole/v1/photo_service.pb.h"
#include "pinhole/v1/social_service.pb.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/gateway/front/front.h"

namespace pinhole::gateway {
namespace {

using ::pinhole::testing::StatusIs;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::Pair;

class HeadersTest : public FrontTest {
 protected:
  void SetUp() override {
    HttpServer::Options options;
    options.headers.requests = {"x-tenant", "x-blob-bin"};
    options.headers.answers = {"x-quota", "x-mark-bin"};
    Restart(std::move(options));
  }
  // What a call with these headers takes along.
  Metadata Send(const std::string& headers) {
    upstream_.Answer(v1::Photo());
    RawClient client(address());
    EXPECT_EQ(client.Request("GET /v1/photos/7", headers).code, 200);
    return upstream_.headers().metadata;
  }
  // Whom a call from this machine names as the client.
  std::string NamedFor(const std::string& host, const std::string& headers) {
    upstream_.Answer(v1::Photo());
    RawClient client(address());
    client.Send("GET /v1/photos/7 HTTP/1.1\r\nHost: " + host + "\r\n" +
                headers + "\r\n");
    EXPECT_EQ(client.ReadHead().code, 200) << headers;
    for (const auto& [key, value] : upstream_.headers().metadata) {
      if (key == "x-forwarded-for") return value;
    }
    return "";
  }
  std::string Traceparent(const std::string& headers) {
    for (const auto& [key, value] : Send(headers)) {
      if (key == "traceparent") return value;
    }
    return "";
  }
};

constexpr char kTrace[] =
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST_F(HeadersTest, OnlyWhatIsListedGoesAlong) {
  const Metadata metadata = Send(
      "X-Tenant: one\r\nX-Tenant: two\r\nX-Other: no\r\n"
      "Grpc-Encoding: gzip\r\nX-Blob-Bin: AP8=, YWI\r\n");

  EXPECT_THAT(metadata, Contains(Pair("x-tenant", "one")));
  EXPECT_THAT(metadata, Contains(Pair("x-tenant", "two")));
  EXPECT_THAT(metadata, Contains(Pair("x-blob-bin", std::string("\0\xff", 2))));
  EXPECT_THAT(metadata, Contains(Pair("x-blob-bin", "ab")));
  EXPECT_THAT(metadata, Not(Contains(Key("x-other"))));
  EXPECT_THAT(metadata, Not(Contains(Key("grpc-encoding"))));
}

TEST_F(HeadersTest, WhatIsForTheConnectionOnlyStaysHere) {
  const Metadata metadata = Send(
      "X-Tenant: one\r\nX-Blob-Bin: YWI\r\nTE: trailers\r\n"
      "Connection: keep-alive, X-TENANT\r\nConnection: te\r\n");

  EXPECT_THAT(metadata, Not(Contains(Key("x-tenant"))));
  EXPECT_THAT(metadata, Not(Contains(Key("te"))));
  EXPECT_THAT(metadata, Not(Contains(Key("connection"))));
  EXPECT_THAT(metadata, Contains(Pair("x-blob-bin", "ab")));
}

// A proxy that passes Connection on would have its own header removed.
TEST_F(HeadersTest, WhatIsForTheWholeWayIsNeverForTheConnectionOnly) {
  HttpServer::Options options;
  options.headers.requests = {"baggage", "x-real-ip", "x-forwarded-proto",
                              "x-b3-traceid"};
  options.clients = std::make_shared<ClientAddressResolver>(
      TrustedProxies::Parse({"127.0.0.1"}).value());
  Restart(std::move(options));
  const std::vector<std::pair<std::string, std::string>> headers = {
      {"authorization", "Bearer a"},
      {"traceparent", kTrace},
      {"tracestate", "a=1"},
      {"baggage", "b"},
      {"x-real-ip", "203.0.113.9"},
      {"x-forwarded-proto", "https"},
      {"x-forwarded-for", "203.0.113.9"},
      {"x-forwarded-host", "photos.example"},
      {"x-b3-traceid", "c"},
      {"x-request-id", "d"}};
  for (const auto& [name, value] : headers) {
    const std::string header = name + ": " + value + "\r\n";
    const std::string more =
        name == "tracestate" ? fmt::format("Traceparent: {}\r\n", kTrace) : "";

    EXPECT_THAT(Send(header + more + "Connection: close, " + name + "\r\n"),
                Contains(Pair(name, value)));
  }
}

// The first was taken, where gRPC refuses two.
TEST_F(HeadersTest, EveryAuthorizationGoesAlong) {
  const Metadata metadata =
      Send("Authorization: Bearer a\r\nAuthorization: Bearer b\r\n");

  EXPECT_THAT(metadata, Contains(Pair("authorization", "Bearer a")));
  EXPECT_THAT(metadata, Contains(Pair("authorization", "Bearer b")));
}

// A token that could not be sent on was dropped: the call became a stranger's.
TEST_F(HeadersTest, WhatCannotGoAlongIsRefused) {
  for (const char* header :
       {"Authorization: Bearer \xc3\xa9\r\n", "X-Tenant: \xff\r\n",
        "X-Blob-Bin: !\r\n", "X-Blob-Bin: YW I=\r\n"}) {
    RawClient client(address());

    const auto answer = client.Request("GET /v1/photos/7", header);

    EXPECT_EQ(answer.code, 400) << header;
    EXPECT_THAT(answer.body, HasSubstr("google.rpc.BadRequest"));
  }
}

constexpr char kChain[] =
    "X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 2.2.2.2, 3.3.3.3\r\n";

TEST_F(HeadersTest, TheClientIsNamedAsATrustedProxySays) {
  HttpServer::Options options;
  options.clients = std::make_shared<ClientAddressResolver>(
      TrustedProxies::Parse({"127.0.0.1", "3.3.3.3"}).value());
  Restart(std::move(options));

  EXPECT_THAT(Send(kChain), Contains(Pair("x-forwarded-for", "2.2.2.2")));
  EXPECT_EQ(upstream_.headers().client.Text(), "2.2.2.2");
}

TEST_F(HeadersTest, AProxyThatIsNotNamedIsNotBelieved) {
  for (const std::string headers :
       {kChain, "X-Forwarded-For: 127.0.0.1\r\n", "X-Forwarded-For: \xff\r\n",
        "X-Forwarded-For: a\tb\r\n", "X-Forwarded-For:\r\n",
        "Via: 1.1 proxy\r\n", "X-Real-IP: \xff\r\n"}) {
    EXPECT_EQ(NamedFor("localhost", headers), "unknown") << headers;
    EXPECT_FALSE(upstream_.headers().client.local) << headers;
  }
}

TEST_F(HeadersTest, ACallerOnThisMachineIsNamedAsSuch) {
  EXPECT_EQ(NamedFor("localhost:8080", ""), "127.0.0.1");
  EXPECT_TRUE(upstream_.headers().client.local);
  // Not if it asked for another host, as a caller through a proxy does.
  EXPECT_EQ(NamedFor("photos.example", ""), "unknown");
}

TEST_F(HeadersTest, HostThatTheClientMeantIsKept) {
  EXPECT_THAT(Send(""), Contains(Pair("x-forwarded-host", "test")));
  EXPECT_THAT(Send("X-Forwarded-Host: pinhole.example\r\n"),
              Contains(Pair("x-forwarded-host", "pinhole.example")));
}

TEST_F(HeadersTest, TraceIsContinued) {
  const Metadata metadata =
      Send(fmt::format("Traceparent: {}\r\nTracestate: a=1\r\n"
                       "Tracestate: b=2\r\n",
                       kTrace));

  EXPECT_THAT(metadata, Contains(Pair("traceparent", kTrace)));
  EXPECT_THAT(metadata, Contains(Pair("tracestate", "a=1,b=2")));
}

TEST_F(HeadersTest, BrokenTraceIsReplaced) {
  const std::string good(kTrace);
  const std::string header = "Traceparent: ";
  for (const std::string& broken :
       {std::string(), header + "nonsense\r\n",
        header + "ff" + good.substr(2) + "\r\n", header + good + "-more\r\n",
        header + "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01\r\n",
        header + "00-00000000000000000000000000000000-b7ad6b7169203331-01\r\n",
        header + "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01\r\n",
        header + good + "\r\n" + header + good + "\r\n"}) {
    const std::string made = Traceparent(broken);

    EXPECT_NE(made, good) << broken;
    EXPECT_THAT(made, MatchesRegex("00-[0-9a-f]+-[0-9a-f]+-00")) << broken;
    EXPECT_EQ(made.size(), good.size());
  }
  EXPECT_THAT(Send("Tracestate: a=1\r\n"), Not(Contains(Key("tracestate"))));
  EXPECT_EQ(Traceparent(header + "01" + good.substr(2) + "-x\r\n").substr(0, 2),
            "01");
}

TEST_F(HeadersTest, ListedMetadataComesBack) {
  upstream_.Answer(v1::Photo(), {{"x-quota", "7"},
                                 {"x-mark-bin", std::string("\0\xff", 2)},
                                 {"x-request-id", "other"},
                                 {"x-inner", "secret"}});
  RawClient client(address());

  const auto answer =
      client.Request("GET /v1/photos/7", "X-Request-Id: mine\r\n");

  EXPECT_TRUE(answer.Has("x-quota: 7\r\n"));
  EXPECT_TRUE(answer.Has("x-mark-bin: ap8=\r\n"));
  EXPECT_TRUE(answer.Has("x-request-id: mine\r\n"));
  EXPECT_FALSE(answer.Has("x-inner"));
  EXPECT_FALSE(answer.Has("x-request-id: other"));
}

TEST_F(HeadersTest, StreamHasWhatCameWithItsBeginning) {
  upstream_.Begin({{"x-quota", "8"}});
  RawClient client(address());
  client.Send("GET /v1/feed:watch HTTP/1.1\r\nHost: a\r\n\r\n");

  EXPECT_TRUE(client.ReadHead().Has("x-quota: 8\r\n"));
}

TEST_F(HeadersTest, NamesThatMayNotPassStopTheStart) {
  for (const char* name :
       {"", "X-Upper", "x y", "grpc-status", "connection", "host",
        "content-length", "transfer-encoding", "x-request-id",
        "x-forwarded-for", "authorization", "traceparent"}) {
    HeaderPolicy policy;
    policy.requests = {name};
    EXPECT_THAT(CheckHeaderPolicy(policy),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << name;
    policy.requests.clear();
    policy.answers = {name};
    EXPECT_THAT(CheckHeaderPolicy(policy),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << name;
  }
}

}  // namespace
}  // namespace pinhole::gateway
