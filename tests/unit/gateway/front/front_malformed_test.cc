// SPDX-License-Identifier: Apache-2.0

// What is no HTTP/1.1, or could mean two things to two readers, sent byte by
// byte over real sockets.

#include <string>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "pinhole/v1/photo_service.pb.h"
#include "pinhole/v1/user_service.pb.h"
#include "tests/unit/gateway/front/front.h"

namespace pinhole::gateway {
namespace {

using ::testing::HasSubstr;

constexpr char kGet[] = "GET /healthz HTTP/1.1\r\nHost: a\r\n";
constexpr char kPost[] = "POST /v1/users HTTP/1.1\r\nHost: a\r\n";
constexpr char kPostChunks[] =
    "POST /v1/users HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

TEST_F(FrontTest, WhatIsNoHttpIsRefusedAndClosed) {
  using namespace std::string_literals;
  for (const std::string& text : {
           "\x16\x03\x01\x02"s,  // TLS where none is spoken.
           "GET /healthz HTTP/1.1\nHost: a\n\n"s,
           "GET /healthz HTTP/1.1\r\nHost: a\n\r\n"s,
           kGet + "X: a\rb\r\n\r\n"s,
           kGet + "X: a\0b\r\n\r\n"s,
           kGet + "X\0: a\r\n\r\n"s,
           kGet + "X : a\r\n\r\n"s,
           kGet + ": a\r\n\r\n"s,
           kGet + "X: a\r\n b\r\n\r\n"s,
           kGet + "X: a\r\n\tb\r\n\r\n"s,
           "GET /health\0z HTTP/1.1\r\nHost: a\r\n\r\n"s,
           "GET /healthz\tHTTP/1.1\r\nHost: a\r\n\r\n"s,
           "GET /healthz HTTP/2.0\r\nHost: a\r\n\r\n"s,
           "GET /healthz http/1.1\r\nHost: a\r\n\r\n"s,
           "GET /healthz\r\nHost: a\r\n\r\n"s,
           "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"s,
           "\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"s,
       }) {
    RawClient client(address());
    client.Send(text);
    const auto answer = client.Read();
    EXPECT_EQ(answer.code, 400) << text;
    EXPECT_THAT(answer.body, HasSubstr(R"("details":)")) << text;
    EXPECT_TRUE(client.AtEnd()) << text;
  }
}

// B4: each was taken, and a proxy before us may have read it in another way.
TEST_F(FrontTest, AmbiguousFramingIsRefusedByName) {
  const struct {
    std::string head;
    std::string field;
  } cases[] = {
      {"GET /healthz HTTP/1.1\r\n\r\n", "Host"},
      {"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "Host"},
      {"GET /healthz HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", "Host"},
      {"GET /healthz HTTP/1.1\r\nHost: a, b\r\n\r\n", "Host"},
      {"GET /healthz HTTP/1.1\r\nHost: a@b\r\n\r\n", "Host"},
      {"GET /healthz HTTP/1.1\r\nHost: a/b\r\n\r\n", "Host"},
      {std::string(kPost) + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
       "Transfer-Encoding"},
      {std::string(kPost) + "Transfer-Encoding: chunked, chunked\r\n\r\n",
       "Transfer-Encoding"},
      {std::string(kPost) + "Transfer-Encoding: identity\r\n\r\n",
       "Transfer-Encoding"},
      {std::string(kPost) + "Transfer-Encoding: gzip\r\n"
                            "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       "Transfer-Encoding"},
      {"POST /v1/users HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"
       "0\r\n\r\n",
       "Transfer-Encoding"},
      {std::string(kPost) + "Content-Length: 2, 2\r\n\r\n{}", "Content-Length"},
      {std::string(kPost) + "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
       "Content-Length"},
  };
  for (const auto& c : cases) {
    RawClient client(address());
    client.Send(c.head);
    const auto answer = client.Read();
    EXPECT_EQ(answer.code, 400) << c.head;
    EXPECT_THAT(answer.body, HasSubstr(fmt::format(R"("field":"{}")", c.field)))
        << c.head;
    EXPECT_TRUE(client.AtEnd()) << c.head;
  }
}

TEST_F(FrontTest, LengthAndChunksTogetherAreRefused) {
  for (const char* both :
       {"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
        "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}",
        "Content-Length: +2\r\n\r\n{}", "Content-Length: -2\r\n\r\n{}",
        "Content-Length: 0x2\r\n\r\n{}", "Content-Length:\r\n\r\n",
        "Content-Length: 99999999999999999999\r\n\r\n"}) {
    RawClient client(address());
    client.Send(std::string(kPost) + both);
    EXPECT_EQ(client.Read().code, 400) << both;
    EXPECT_TRUE(client.AtEnd()) << both;
  }
}

TEST_F(FrontTest, MalformedChunksAreRefusedAndClosed) {
  for (const char* chunks :
       {"x\r\n", "-1\r\n", " 2\r\n{}\r\n0\r\n\r\n", "0x2\r\n{}\r\n0\r\n\r\n",
        "ffffffffffffffff0\r\n", "10000000000000002\r\n{}\r\n0\r\n\r\n",
        "2\n{}\n0\n\n", "2\r\n{}0\r\n\r\n", "2\r\n{}}\r\n0\r\n\r\n",
        "2;a=\"\n\"\r\n{}\r\n0\r\n\r\n", "2;a b\r\n{}\r\n0\r\n\r\n",
        "0\r\nContent-Length: 3\r\n\r\n",
        "0\r\nTransfer-Encoding: chunked\r\n\r\n", "0\r\nbad trailer\r\n\r\n",
        "\r\n\r\n"}) {
    RawClient client(address());
    client.Send(std::string(kPostChunks) + chunks);
    const auto answer = client.Read();
    EXPECT_EQ(answer.code, 400) << chunks;
    EXPECT_THAT(answer.body, HasSubstr("chunks")) << chunks;
    EXPECT_TRUE(client.AtEnd()) << chunks;
  }
}

// B3: memory grew for as long as the client went on.
TEST_F(FrontTest, EndlessChunkExtensionsAndTrailersAreRefused) {
  const std::string much(1024 * 1024, 'a');
  for (const std::string& chunks : {
           "2;a=" + much,
           "2;a=\"" + much,
           "0\r\nX: " + much,
           std::string(1024 * 1024, '1'),
       }) {
    RawClient client(address());
    client.SendSome(std::string(kPostChunks) + chunks);
    EXPECT_EQ(client.Read().code, 400) << chunks.substr(0, 10);
  }
}

// B3: each header by itself was below the limit.
TEST_F(FrontTest, HeadersThatArriveOneByOneAreLimitedTogether) {
  RawClient client(address());
  client.Send(kGet);
  const std::string header = "X: " + std::string(1000, 'a') + "\r\n";
  for (int i = 0; i < 17; ++i) client.Send(header);

  EXPECT_EQ(client.Read().code, 431);
  EXPECT_TRUE(client.AtEnd());
}

// B3: a byte from time to time kept the body open for ever.
TEST_F(FrontTest, BodyThatTricklesTimesOut) {
  Limits limits;
  limits.json_time = absl::Milliseconds(50);
  Restart(limits);
  RawClient client(address());
  client.Send(std::string(kPost) + "Content-Length: 60000\r\n\r\n");

  while (client.SendSome("[") == 1 && !client.Readable(absl::Milliseconds(5))) {
  }

  EXPECT_EQ(client.Read().code, 408);
  EXPECT_TRUE(client.AtEnd());
}

TEST_F(FrontTest, UnknownExpectationIsRefused) {
  RawClient client(address());

  const auto answer =
      client.Request("POST /v1/users", "Content-Length: 2\r\nExpect: luck\r\n");

  EXPECT_EQ(answer.code, 417);
  EXPECT_THAT(answer.body, HasSubstr(R"("field":"Expect")"));
  EXPECT_TRUE(client.AtEnd());
}

TEST_F(FrontTest, EmptyLineBeforeARequestIsSkipped) {
  RawClient client(address());
  client.Send(std::string("\r\n") + kGet + "\r\n");
  EXPECT_EQ(client.Read().code, 200);

  client.Send("\r");
  client.Send(std::string("\n") + kGet + "\r\n");
  EXPECT_EQ(client.Read().code, 200);
}

TEST_F(FrontTest, Http10IsAnsweredAndClosed) {
  RawClient client(address());
  client.Send("GET /healthz HTTP/1.0\r\n\r\n");

  const auto answer = client.Read();

  EXPECT_EQ(answer.code, 200);
  EXPECT_TRUE(answer.Has("connection: close"));
  EXPECT_TRUE(client.AtEnd());
}

TEST_F(FrontTest, AbsoluteFormIsTaken) {
  RawClient client(address());

  EXPECT_EQ(client.Request("GET http://elsewhere/healthz").code, 200);
}

TEST_F(FrontTest, RequestMayComeByteByByte) {
  upstream_.Answer(v1::User());
  RawClient client(address());
  const std::string text = std::string(kPostChunks) +
                           "5;a=\"b\\\"\"\r\n{\"han\r\nd;x\r\ndle\":\"ansel\"}"
                           "\r\n0\r\nX-Trailer: a\r\n\r\n";

  for (const char c : text) client.Send(std::string_view(&c, 1));

  EXPECT_EQ(client.Read().code, 201);
  EXPECT_EQ(upstream_.AwaitMessages(1)[0], "handle: \"ansel\"");
}

// "0\r\n" and the rest in two pieces made Beast's debug build stop.
TEST_F(FrontTest, LastChunkMayBeSplit) {
  RawClient client(address());
  for (const char* piece : {"0\r\n", "\r", "\n"}) {
    client.Send(piece == std::string("0\r\n") ? std::string(kPostChunks) + piece
                                              : piece);
  }
  upstream_.Answer(v1::User());

  EXPECT_EQ(client.Read().code, 201);
}

TEST_F(FrontTest, PipelinedBodiesStayApart) {
  upstream_.Answer(v1::User());
  upstream_.Answer(v1::User());
  RawClient client(address());
  client.Send(std::string(kPost) + "Content-Length: 14\r\n\r\n" +
              R"({"handle":"a"})" + kPostChunks + "e\r\n" +
              R"({"handle":"b"})" + "\r\n0\r\n\r\n" + kGet + "\r\n");

  EXPECT_EQ(client.Read().code, 201);
  EXPECT_EQ(client.Read().code, 201);
  EXPECT_THAT(client.Read().body, HasSubstr("ok"));
  EXPECT_THAT(upstream_.AwaitMessages(2),
              ::testing::ElementsAre("handle: \"a\"", "handle: \"b\""));
}

TEST_F(FrontTest, BodyOfARefusedRequestIsNoRequest) {
  RawClient client(address());
  const std::string smuggled = std::string(kGet) + "\r\n";
  client.Send(
      fmt::format("PUT /nowhere HTTP/1.1\r\nHost: a\r\n"
                  "Content-Length: {}\r\n\r\n{}",
                  smuggled.size(), smuggled));

  EXPECT_EQ(client.Read().code, 404);
  EXPECT_TRUE(client.AtEnd());
}

// After a request with a body, a refused one passed for read to its end: the
// connection was closed on a client that still wrote, who then lost the answer.
TEST_F(FrontTest, RefusedRequestIsAnsweredWhileItsBodyComes) {
  upstream_.Answer(v1::User());
  RawClient client(address());
  client.Send(std::string(kPost) + "Content-Length: 14\r\n\r\n" +
              R"({"handle":"a"})");
  ASSERT_EQ(client.Read().code, 201);

  client.Send(
      "POST /v1/users HTTP/1.1\r\nHost: a@b\r\n"
      "Content-Length: 200000\r\n\r\n");
  for (int i = 0; i < 20; ++i) {
    // So that the first pieces find the connection closed, were it closed.
    absl::SleepFor(absl::Milliseconds(5));
    client.Send(std::string(10'000, 'x'));
  }

  EXPECT_EQ(client.Read().code, 400);
  EXPECT_TRUE(client.AtEnd());
}

}  // namespace
}  // namespace pinhole::gateway
