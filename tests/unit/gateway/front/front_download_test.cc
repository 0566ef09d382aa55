// SPDX-License-Identifier: Apache-2.0

#include <string>

#include "gtest/gtest.h"
#include "pinhole/v1/photo_service.pb.h"
#include "tests/unit/gateway/front/front.h"

namespace pinhole::gateway {
namespace {

class DownloadTest : public FrontTest {
 protected:
  void AnswerHead(std::int64_t size, const std::string& etag = "abc",
                  const std::string& type = "image/jpeg") {
    v1::DownloadPhotoResponse response;
    response.mutable_head()->set_content_type(type);
    response.mutable_head()->set_size_bytes(size);
    response.mutable_head()->set_etag(etag);
    upstream_.Answer(response);
  }
  void AnswerChunk(const std::string& bytes) {
    v1::DownloadPhotoResponse response;
    response.set_chunk(bytes);
    upstream_.Answer(response);
  }
};

TEST_F(DownloadTest, BytesComeWithTypeLengthAndTag) {
  AnswerHead(6);
  AnswerChunk("abc");
  AnswerChunk("def");
  upstream_.AnswerStatus(absl::OkStatus());
  RawClient client(address());

  const auto answer = client.Request("GET /v1/photos/7/thumbnail");

  EXPECT_EQ(answer.code, 200);
  EXPECT_TRUE(answer.Has("content-type: image/jpeg"));
  EXPECT_TRUE(answer.Has("content-length: 6"));
  EXPECT_TRUE(answer.Has("etag: \"abc\""));
  EXPECT_TRUE(answer.Has("x-content-type-options: nosniff"));
  EXPECT_EQ(answer.body, "abcdef");
  EXPECT_EQ(upstream_.AwaitMessages(1)[0],
            "name: \"photos/7\" rendition: RENDITION_THUMBNAIL "
            "accept_redirect: true");
  EXPECT_EQ(client.Request("GET /healthz").code, 200);
}

TEST_F(DownloadTest, TaggedBytesNeverChangeAndUntaggedOnesAreNotKept) {
  RawClient client(address());
  AnswerHead(0);
  EXPECT_TRUE(client.Request("HEAD /v1/photos/7/large")
                  .Has("cache-control: private, max-age=3600, immutable"));
  for (const char* no_tag : {"", "a\"b", "a b", "\n"}) {
    AnswerHead(0, no_tag);
    const auto answer = client.Request("HEAD /v1/photos/7/large");
    EXPECT_TRUE(answer.Has("cache-control: no-store"));
    EXPECT_FALSE(answer.Has("etag"));
  }
}

TEST_F(DownloadTest, OnlyInertTypesAreShownInABrowser) {
  RawClient client(address());
  for (const char* type : {"image/jpeg", "IMAGE/PNG", "image/webp",
                           "image/heic", "text/plain; charset=utf-8"}) {
    AnswerHead(0, "abc", type);
    const auto answer = client.Request("HEAD /v1/photos/7/large");
    EXPECT_TRUE(answer.Has("content-disposition: inline")) << type;
    EXPECT_TRUE(
        answer.Has("content-security-policy: default-src 'none'; sandbox"))
        << type;
  }
  for (const char* type : {"text/html", "image/svg+xml", "application/pdf",
                           "application/xhtml+xml", "text/html;image/jpeg"}) {
    AnswerHead(0, "abc", type);
    const auto answer = client.Request("HEAD /v1/photos/7/large");
    EXPECT_TRUE(answer.Has("content-disposition: attachment")) << type;
    EXPECT_TRUE(
        answer.Has("content-security-policy: default-src 'none'; sandbox"))
        << type;
  }
}

TEST_F(DownloadTest, WhatIsNoMediaTypeIsOctetStream) {
  RawClient client(address());
  for (const char* type : {"", "jpeg", "/", "a/b/c", "image/jpeg\r\nX: y",
                           "image/jpeg;\x01", "\xff/x"}) {
    AnswerHead(0, "abc", type);
    const auto answer = client.Request("HEAD /v1/photos/7/large");
    EXPECT_TRUE(answer.Has("content-type: application/octet-stream\r\n"));
    EXPECT_TRUE(answer.Has("content-disposition: attachment"));
  }
}

// Was taken as a length of almost 2^64.
TEST_F(DownloadTest, NegativeLengthIsAnError) {
  AnswerHead(-1);
  RawClient client(address());

  EXPECT_EQ(client.Request("GET /v1/photos/7/large").code, 500);
  EXPECT_EQ(client.Request("GET /healthz").code, 200);
}

TEST_F(DownloadTest, TooManyBytesCutTheConnection) {
  AnswerHead(2);
  AnswerChunk("abc");
  RawClient client(address());

  EXPECT_FALSE(client.Request("GET /v1/photos/7/large").whole);
}

TEST_F(DownloadTest, KnownTagIsNotModified) {
  AnswerHead(6);
  RawClient client(address());

  const auto answer =
      client.Request("GET /v1/photos/7/large", "If-None-Match: \"abc\"\r\n");

  EXPECT_EQ(answer.code, 304);
  EXPECT_EQ(client.Request("GET /healthz").code, 200);
}

TEST_F(DownloadTest, HeadHasNoBytes) {
  AnswerHead(6);
  RawClient client(address());

  const auto answer = client.Request("HEAD /v1/photos/7/large");

  EXPECT_TRUE(answer.Has("content-length: 6"));
  EXPECT_EQ(client.Request("GET /healthz").code, 200);
}

TEST_F(DownloadTest, ErrorBeforeTheFirstByteHasItsCode) {
  upstream_.AnswerStatus(absl::PermissionDeniedError("not yours"));
  RawClient client(address());

  EXPECT_EQ(client.Request("GET /v1/photos/7/original").code, 403);
}

TEST_F(DownloadTest, FailureMidwayCutsTheConnection) {
  AnswerHead(6);
  AnswerChunk("abc");
  upstream_.AnswerStatus(absl::DataLossError("x"));
  RawClient client(address());

  const auto answer = client.Request("GET /v1/photos/7/large");

  EXPECT_EQ(answer.code, 200);
  EXPECT_FALSE(answer.whole);
}

TEST_F(DownloadTest, TooFewBytesCutTheConnection) {
  AnswerHead(6);
  AnswerChunk("abc");
  upstream_.AnswerStatus(absl::OkStatus());
  RawClient client(address());

  EXPECT_FALSE(client.Request("GET /v1/photos/7/large").whole);
  EXPECT_TRUE(client.AtEnd());
}

}  // namespace
}  // namespace pinhole::gateway
