// SPDX-License-Identifier: Apache-2.0

// What the client does when S3 or the network fails; tests/s3 runs it against a
// real server.

#include "server/media/s3/client.h"

#include <string>
#include <string_view>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/media/s3/object_reader.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/server/media/s3/fake_http_server.h"

namespace pinhole::media::s3 {
namespace {

using ::pinhole::testing::IsOk;
using ::pinhole::testing::StatusIs;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

using Then = FakeHttpServer::Then;

constexpr char kFirstPart[] =
    "HTTP/1.1 200 OK\r\nETag: \"e1\"\r\nContent-Length: 7\r\n\r\ncont";
constexpr std::string_view kSecret = "the-secret-key";

class S3ClientTest : public ::testing::Test {
 protected:
  static std::string Response(std::string_view status,
                              std::string_view headers = "",
                              std::string_view body = "") {
    return FakeHttpServer::Response(status, headers, body);
  }
  static std::string Error(std::string_view status, std::string_view code) {
    return Response(status, "",
                    fmt::format("<Error><Code>{}</Code></Error>", code));
  }

  absl::Status Put(std::string_view content) {
    File file = File::InMemory(content).value();
    return client_.Put("k", file, Sha256Of(content), "image/jpeg");
  }

  absl::StatusOr<std::string> ReadAll(std::int64_t offset,
                                      std::size_t piece_bytes) {
    absl::StatusOr<std::unique_ptr<ObjectReader>> reader =
        ObjectReader::Open(client_, "k", offset);
    if (!reader.ok()) return std::move(reader).status();
    std::string all;
    while (true) {
      absl::StatusOr<std::string> piece = (*reader)->Read(piece_bytes);
      if (!piece.ok()) return piece;
      if (piece->empty()) return all;
      all += *piece;
    }
  }

  FakeHttpServer server_;
  const ClientOptions options_{
      .times = {.connect = absl::Seconds(5), .stall = absl::Milliseconds(200)},
      .deadline = absl::Seconds(20),
      .backoff = absl::Milliseconds(1)};
  Client client_{
      *ResolveBucket({.url = "s3://photos/p", .endpoint = server_.endpoint()}),
      {.access_key_id = "AKIA", .secret_access_key = std::string(kSecret)},
      options_};
};

TEST_F(S3ClientTest, PutSendsTheBytesTheirDigestAndACondition) {
  server_.Add(Response("200 OK"));

  EXPECT_THAT(Put("content"), IsOk());

  ASSERT_THAT(server_.requests(), SizeIs(1));
  EXPECT_THAT(
      server_.requests()[0],
      AllOf(
          StartsWith("PUT /photos/p/k HTTP/1.1\r\n"),
          HasSubstr("\r\nif-none-match: *\r\n"),
          HasSubstr("\r\ncontent-type: image/jpeg\r\n"),
          HasSubstr("\r\nx-amz-content-sha256: " + ToHex(Sha256Of("content"))),
          HasSubstr("SignedHeaders=content-type;host;if-none-match;"
                    "x-amz-content-sha256;x-amz-date;x-amz-meta-sha256,"),
          ::testing::EndsWith("\r\n\r\ncontent")));
}

TEST_F(S3ClientTest, RequestsNeverContainTheSecret) {
  server_.Add(Response("200 OK"));
  EXPECT_THAT(Put("content"), IsOk());
  EXPECT_THAT(server_.requests(), Each(Not(HasSubstr(kSecret))));
}

TEST_F(S3ClientTest, RequestsShareAConnection) {
  for (int i = 0; i < 3; ++i) server_.Add(Response("204 No Content"));
  for (int i = 0; i < 3; ++i) EXPECT_THAT(client_.Delete("k"), IsOk());
  EXPECT_EQ(server_.connections(), 1);
}

TEST_F(S3ClientTest, FailuresOfS3AreRepeated) {
  server_.Add(Error("503 Slow Down", "SlowDown"));
  server_.Add(Error("500 Internal Server Error", "InternalError"));
  server_.Add(Error("429 Too Many Requests", "TooManyRequests"));
  server_.Add(Response("200 OK"));

  EXPECT_THAT(Put("content"), IsOk());

  EXPECT_THAT(server_.requests(),
              AllOf(SizeIs(4), Each(::testing::EndsWith("\r\n\r\ncontent"))));
}

TEST_F(S3ClientTest, BrokenConnectionsAreRepeated) {
  server_.Add("", Then::kClose);
  server_.Add("HTTP/1.1 200 OK\r\nContent-", Then::kClose);
  server_.Add(Response("200 OK"));
  EXPECT_THAT(Put("content"), IsOk());
}

TEST_F(S3ClientTest, AnswerThatDoesNotComeIsRepeated) {
  server_.Add("", Then::kWait);
  server_.Add(Response("204 No Content"));
  EXPECT_THAT(client_.Delete("k"), IsOk());
}

TEST_F(S3ClientTest, RepetitionsEndAtTheDeadline) {
  ClientOptions options = options_;
  options.deadline = absl::Milliseconds(300);
  options.backoff = absl::Milliseconds(100);
  Client client(
      *ResolveBucket({.url = "s3://photos", .endpoint = server_.endpoint()}),
      {.access_key_id = "A", .secret_access_key = "B"}, options);
  for (int i = 0; i < 100; ++i) {
    server_.Add(Error("503 Slow Down", "SlowDown"));
  }
  EXPECT_THAT(client.Delete("k"),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("SlowDown")));
  EXPECT_LT(server_.requests().size(), 10U);
}

TEST_F(S3ClientTest, PermanentErrorsAreNotRepeated) {
  server_.Add(Error("403 Forbidden", "AccessDenied"));
  EXPECT_THAT(Put("content"), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(server_.requests(), SizeIs(1));
}

TEST_F(S3ClientTest, ClosedPortIsUnavailableAndNamesTheHost) {
  ClientOptions options = options_;
  options.deadline = absl::Milliseconds(100);
  Client client(
      *ResolveBucket({.url = "s3://photos", .endpoint = "http://127.0.0.1:1"}),
      {.access_key_id = "A", .secret_access_key = "B"}, options);
  EXPECT_THAT(client.Delete("k"), StatusIs(absl::StatusCode::kUnavailable,
                                           HasSubstr("127.0.0.1:1")));
}

TEST_F(S3ClientTest, ObjectOfAnEarlierAttemptWithTheSameContentIsSuccess) {
  const std::string digest = ToHex(Sha256Of("content"));
  server_.Add("", Then::kClose);  // S3 has stored it; the answer is lost.
  server_.Add(Error("412 Precondition Failed", "PreconditionFailed"));
  server_.Add(
      Response("200 OK", fmt::format("X-Amz-Meta-Sha256: {}\r\n", digest)));
  EXPECT_THAT(Put("content"), IsOk());
}

TEST_F(S3ClientTest, ObjectWithOtherContentIsNotReplaced) {
  server_.Add(Error("412 Precondition Failed", "PreconditionFailed"));
  server_.Add(Response("200 OK", "x-amz-meta-sha256: other\r\n"));
  EXPECT_THAT(Put("content"), StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST_F(S3ClientTest, DeletingAMissingObjectIsNoError) {
  server_.Add(Error("404 Not Found", "NoSuchKey"));
  EXPECT_THAT(client_.Delete("k"), IsOk());
}

TEST_F(S3ClientTest, CheckListsWritesReadsAndRemoves) {
  server_.Add(Response("200 OK", "", "<ListBucketResult/>"));
  server_.Add(Response("200 OK"));
  server_.Add(Response("200 OK"));
  server_.Add(Response("204 No Content"));

  EXPECT_THAT(client_.Check(), IsOk());

  EXPECT_THAT(
      server_.requests(),
      ::testing::ElementsAre(
          StartsWith("GET /photos?list-type=2&max-keys=1&prefix=p%2F HTTP"),
          StartsWith("PUT /photos/p/check-"), StartsWith("HEAD /photos/p/"),
          StartsWith("DELETE /photos/p/check-")));
}

TEST_F(S3ClientTest, CheckOfAMissingBucketSaysSo) {
  server_.Add(Error("404 Not Found", "NoSuchBucket"));
  EXPECT_THAT(client_.Check(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("the bucket photos does not exist")));
}

TEST_F(S3ClientTest, ObjectIsReadInPiecesWithOneRequest) {
  std::string content;
  for (int i = 0; i < 300000; ++i) content += static_cast<char>(i % 251);
  server_.Add(Response("200 OK", "ETag: \"e\"\r\n", content));

  EXPECT_EQ(*ReadAll(0, 1000), content);

  EXPECT_THAT(server_.requests(), SizeIs(1));
}

TEST_F(S3ClientTest, PieceMayBeLargerThanTheBuffer) {
  const std::string content(5 << 20, 'x');
  server_.Add(Response("200 OK", "", content));
  EXPECT_EQ(*ReadAll(0, 4 << 20), content);
}

TEST_F(S3ClientTest, ConnectionIsUsedAgainAfterAnObjectWasRead) {
  server_.Add(Response("200 OK", "", "content"));
  server_.Add(Response("204 No Content"));
  EXPECT_EQ(*ReadAll(0, 100), "content");
  EXPECT_THAT(client_.Delete("k"), IsOk());
  EXPECT_EQ(server_.connections(), 1);
}

TEST_F(S3ClientTest, RangeStartsAtTheOffset) {
  server_.Add(Response("206 Partial Content", "Content-Range: bytes 3-6/7\r\n",
                       "tent"));
  const auto reader = ObjectReader::Open(client_, "k", 3);
  ASSERT_THAT(reader, IsOk());
  EXPECT_EQ((*reader)->size_bytes(), 7);
  EXPECT_EQ(*(*reader)->Read(100), "tent");
  EXPECT_THAT(server_.requests()[0], HasSubstr("\r\nrange: bytes=3-\r\n"));
}

TEST_F(S3ClientTest, OffsetPastTheEndHasNoBytesButASize) {
  server_.Add(Error("416 Range Not Satisfiable", "InvalidRange"));
  server_.Add("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n");
  const auto reader = ObjectReader::Open(client_, "k", 7);
  ASSERT_THAT(reader, IsOk());
  EXPECT_EQ((*reader)->size_bytes(), 7);
  EXPECT_EQ(*(*reader)->Read(100), "");
}

TEST_F(S3ClientTest, WholeAnswerToARangeIsRefused) {
  server_.Add(Response("200 OK", "", "content"));
  EXPECT_THAT(
      ObjectReader::Open(client_, "k", 3),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("Range")));
}

TEST_F(S3ClientTest, ReadContinuesWhereTheConnectionBroke) {
  server_.Add(kFirstPart, Then::kClose);
  server_.Add(Response("206 Partial Content", "", "ent"));

  EXPECT_EQ(*ReadAll(0, 4), "content");

  EXPECT_THAT(server_.requests()[1],
              AllOf(HasSubstr("\r\nrange: bytes=4-\r\n"),
                    HasSubstr("\r\nif-match: \"e1\"\r\n")));
}

TEST_F(S3ClientTest, ObjectReplacedWhileItWasReadIsDataLoss) {
  server_.Add(kFirstPart, Then::kClose);
  server_.Add(Error("412 Precondition Failed", "PreconditionFailed"));
  EXPECT_THAT(ReadAll(0, 4), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(S3ClientTest, BytesThatNobodyReadsStayInTheNetwork) {
  // Much more than the buffers of both sockets.
  constexpr std::size_t kBytes = 64 << 20;
  server_.Add(Response("200 OK", "", std::string(kBytes, 'x')));
  server_.Add(Response("204 No Content"));
  const auto reader = ObjectReader::Open(client_, "k", 0);
  ASSERT_THAT(reader, IsOk());
  EXPECT_EQ((*reader)->Read(1000)->size(), 1000U);
  // The server has one thread, which is still busy with the object.
  ClientOptions options = options_;
  options.deadline = absl::Milliseconds(300);
  Client other(
      *ResolveBucket({.url = "s3://photos", .endpoint = server_.endpoint()}),
      {.access_key_id = "A", .secret_access_key = "B"}, options);
  EXPECT_THAT(other.Delete("k"), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(server_.requests(), SizeIs(1));
}

TEST_F(S3ClientTest, MissingObjectIsNotFound) {
  server_.Add(Error("404 Not Found", "NoSuchKey"));
  EXPECT_THAT(ReadAll(0, 100), StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace pinhole::media::s3
