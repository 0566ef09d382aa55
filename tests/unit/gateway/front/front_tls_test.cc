// SPDX-License-Identifier: Apache-2.0

#include <openssl/ssl.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "pinhole/v1/photo_service.pb.h"
#include "pinhole/v1/social_service.pb.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/gateway/front/certificate.h"
#include "tests/unit/gateway/front/front.h"
#include "tests/unit/gateway/front/tls_client.h"

namespace pinhole::gateway {
namespace {

using ::testing::HasSubstr;

class TlsTest : public FrontTest {
 protected:
  void SetUp() override {
    signal(SIGPIPE, SIG_IGN);  // As the binaries do.
    WriteCertificate(files_, "first");
    Restart(Limits());
  }
  void Restart(const Limits& limits) {
    HttpServer::Options options = DefaultOptions();
    options.tls = files_;
    options.limits = limits;
    FrontTest::Restart(std::move(options));
  }

  testing::TempDir dir_;
  const TlsFiles files_ = {.certificate = dir_.path() / "certificate.pem",
                           .key = dir_.path() / "key.pem"};
};

TEST_F(TlsTest, RequestsAreAnsweredOneAfterTheOther) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient client(address(), {.max_version = version, .protocol = ""});
    ASSERT_TRUE(client.secure());
    for (int i = 0; i < 3; ++i) {
      upstream_.Answer(v1::Photo());
      EXPECT_EQ(client.Request("GET /v1/photos/7").code, 200);
    }
  }
}

TEST_F(TlsTest, OldVersionsAndHttp2AreRefused) {
  EXPECT_FALSE(
      TlsClient(address(), {.max_version = TLS1_1_VERSION, .protocol = ""})
          .secure());
  EXPECT_FALSE(
      TlsClient(address(), {.max_version = TLS1_3_VERSION, .protocol = "h2"})
          .secure());
  TlsClient client(address(),
                   {.max_version = TLS1_3_VERSION, .protocol = "http/1.1"});
  EXPECT_EQ(client.protocol(), "http/1.1");
}

TEST_F(TlsTest, OnlySuitesOfAuthenticatedEncryptionAreOffered) {
  const auto accepts = [this](const std::string& suites) {
    return TlsClient(address(), {.max_version = TLS1_2_VERSION,
                                 .protocol = "",
                                 .suites = suites})
        .secure();
  };
  EXPECT_TRUE(accepts("ECDHE-ECDSA-AES128-GCM-SHA256"));
  EXPECT_TRUE(accepts("ECDHE-ECDSA-CHACHA20-POLY1305"));
  EXPECT_FALSE(accepts("ECDHE-ECDSA-AES128-SHA256"));
  EXPECT_FALSE(accepts("ECDHE-ECDSA-AES256-SHA"));
}

TEST_F(TlsTest, BrowsersAreToldToUseOnlyTls) {
  const std::string said = "strict-transport-security: max-age=31536000\r\n";
  TlsClient client(address());
  for (const std::string request :
       {"GET /healthz", "GET /nowhere", "GET /v1/photos/7?no=field"}) {
    EXPECT_TRUE(client.Request(request).Has(said)) << request;
  }
  EXPECT_TRUE(
      client.Request("GET /healthz", "Content-Length: nonsense\r\n").Has(said));
}

TEST_F(FrontTest, ClearTextSaysNothingAboutTls) {
  RawClient client(address());

  EXPECT_FALSE(client.Request("GET /healthz").Has("strict-transport-security"));
}

TEST_F(TlsTest, PlainHttpIsNotAnswered) {
  RawClient client(address());

  EXPECT_EQ(client.Request("GET /healthz").code, 0);
}

TEST_F(TlsTest, SilentHandshakeTimesOut) {
  Limits limits;
  limits.header_time = absl::Milliseconds(20);
  Restart(limits);
  RawClient client(address());

  EXPECT_TRUE(client.AtEnd());
}

TEST_F(TlsTest, LongBodiesGoThroughInBothDirections) {
  upstream_.TakeMessages(1000);
  v1::Photo photo;
  photo.set_caption(std::string(500'000, 'c'));
  upstream_.Answer(photo);
  TlsClient client(address());

  const std::string body(1'000'000, 'b');
  const auto answer = client.Request(
      "POST /v1/photos:upload",
      fmt::format("Content-Type: image/jpeg\r\nContent-Length: {}\r\n",
                  body.size()),
      body);

  EXPECT_EQ(answer.code, 201);
  EXPECT_TRUE(answer.whole);
  EXPECT_GT(answer.body.size(), 500'000u);
}

TEST_F(TlsTest, PipelinedRequestsAreAnswered) {
  TlsClient client(address());
  client.Send(
      "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
      "GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n");

  EXPECT_EQ(client.Read().code, 200);
  EXPECT_EQ(client.Read().code, 404);
}

TEST_F(TlsTest, HangUpCancelsTheCall) {
  TlsClient client(address());
  client.Send("GET /v1/photos/7 HTTP/1.1\r\nHost: a\r\n\r\n");
  upstream_.AwaitMessages(1);

  client.Close();

  upstream_.AwaitCancellations(1);
}

// The end of TLS is a record like any other: bytes, to who looks at the socket.
TEST_F(TlsTest, EndOfTlsCancelsTheCall) {
  TlsClient client(address());
  client.Send("GET /v1/photos/7 HTTP/1.1\r\nHost: a\r\n\r\n");
  upstream_.AwaitMessages(1);

  client.EndTls();

  upstream_.AwaitCancellations(1);
}

TEST_F(TlsTest, EarlyRequestIsNoHangUp) {
  TlsClient client(address());
  client.Send("GET /v1/photos/7 HTTP/1.1\r\nHost: a\r\n\r\n");
  upstream_.AwaitMessages(1);
  client.Send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
  upstream_.Answer(v1::Photo());

  EXPECT_EQ(client.Read().code, 200);
  EXPECT_EQ(client.Read().code, 200);
}

TEST_F(TlsTest, LastAnswerEndsTls) {
  TlsClient client(address());

  EXPECT_EQ(client.Request("GET /healthz", "Connection: close\r\n").code, 200);

  EXPECT_TRUE(client.AtEnd());
  EXPECT_TRUE(client.WasEnded());
}

TEST_F(TlsTest, CutAnswerDoesNotLookWhole) {
  TlsClient client(address());
  client.Send("GET /v1/photos/7 HTTP/1.1\r\nHost: a\r\n\r\n");
  upstream_.AwaitMessages(1);

  server_->Drain(absl::ZeroDuration());

  EXPECT_TRUE(client.AtEnd());
  EXPECT_FALSE(client.WasEnded());
}

TEST_F(TlsTest, DrainClosesTheIdleAndThoseWhoGreet) {
  TlsClient idle(address());
  EXPECT_EQ(idle.Request("GET /healthz").code, 200);
  RawClient greeting(address());
  greeting.Send("\x16");

  server_->Drain(absl::Seconds(20));

  EXPECT_TRUE(idle.AtEnd());
  EXPECT_TRUE(greeting.AtEnd());
}

TEST_F(TlsTest, ReloadIsForNewConnections) {
  TlsClient before(address());
  WriteCertificate(files_, "second");

  EXPECT_TRUE(server_->ReloadCertificate().ok());

  EXPECT_EQ(TlsClient(address()).server(), "/CN=second");
  EXPECT_EQ(before.server(), "/CN=first");
  EXPECT_EQ(before.Request("GET /healthz").code, 200);
}

TEST_F(TlsTest, BadReloadKeepsTheCertificate) {
  std::ofstream(files_.certificate) << "no certificate";

  const absl::Status status = server_->ReloadCertificate();

  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr(files_.certificate));
  EXPECT_EQ(TlsClient(address()).server(), "/CN=first");
}

TEST_F(TlsTest, WrongFilesStopTheStart) {
  const TlsFiles other = {.certificate = dir_.path() / "other.pem",
                          .key = dir_.path() / "other-key.pem"};
  WriteCertificate(other, "other");
  const struct {
    TlsFiles files;
    std::string says;
  } cases[] = {
      {{.certificate = "/nowhere", .key = files_.key},
       "the TLS certificate /nowhere: No such file"},
      {{.certificate = files_.certificate, .key = "/nowhere"},
       "the TLS key /nowhere: No such file"},
      {{.certificate = files_.key, .key = files_.key},
       "the TLS certificate " + files_.key + ": no start line"},
      {{.certificate = files_.certificate, .key = other.key},
       "the TLS key " + other.key + ": key values mismatch"},
  };
  for (const auto& c : cases) {
    const auto tls = Tls::Load(c.files);
    ASSERT_FALSE(tls.ok()) << c.says;
    EXPECT_EQ(tls.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(tls.status().message()), HasSubstr(c.says));
  }
}

}  // namespace
}  // namespace pinhole::gateway
