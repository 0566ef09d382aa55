// SPDX-License-Identifier: Apache-2.0

#include "server/media/s3/bucket.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace pinhole::media::s3 {
namespace {

using ::pinhole::testing::StatusIs;
using ::testing::StartsWith;

Bucket Resolve(const BucketOptions& options) {
  absl::StatusOr<Bucket> bucket = ResolveBucket(options);
  EXPECT_TRUE(bucket.ok()) << bucket.status();
  return bucket.ok() ? *bucket : Bucket{};
}

TEST(BucketTest, BucketAtAmazonIsAHostOfItsRegion) {
  const Bucket bucket =
      Resolve({.url = "s3://photos", .region = "eu-central-1"});
  EXPECT_EQ(bucket.origin, "https://photos.s3.eu-central-1.amazonaws.com");
  EXPECT_EQ(bucket.host, "photos.s3.eu-central-1.amazonaws.com");
  EXPECT_EQ(bucket.PathOf("a/b"), "/a/b");
}

TEST(BucketTest, BucketAtAnotherEndpointIsAPath) {
  const Bucket bucket =
      Resolve({.url = "s3://photos", .endpoint = "http://127.0.0.1:9000/"});
  EXPECT_EQ(bucket.origin, "http://127.0.0.1:9000");
  EXPECT_EQ(bucket.host, "127.0.0.1:9000");
  EXPECT_EQ(bucket.PathOf("a/b"), "/photos/a/b");
}

TEST(BucketTest, AddressingCanBeChosen) {
  EXPECT_EQ(Resolve({.url = "s3://photos",
                     .endpoint = "https://s3.example.org",
                     .addressing = Addressing::kVirtualHost})
                .origin,
            "https://photos.s3.example.org");
  const Bucket path =
      Resolve({.url = "s3://photos", .addressing = Addressing::kPath});
  EXPECT_EQ(path.origin, "https://s3.us-east-1.amazonaws.com");
  EXPECT_EQ(path.PathOf("k"), "/photos/k");
}

TEST(BucketTest, BucketWithADotIsAPathBecauseOfTheCertificate) {
  EXPECT_EQ(Resolve({.url = "s3://photos.example.org"}).PathOf("k"),
            "/photos.example.org/k");
}

TEST(BucketTest, HostLeavesOutThePortOfItsScheme) {
  EXPECT_EQ(
      Resolve({.url = "s3://abc", .endpoint = "https://s3.test:443"}).host,
      "s3.test");
  EXPECT_EQ(Resolve({.url = "s3://abc", .endpoint = "http://s3.test:80"}).host,
            "s3.test");
  EXPECT_EQ(Resolve({.url = "s3://abc", .endpoint = "http://s3.test:443"}).host,
            "s3.test:443");
}

TEST(BucketTest, PrefixComesBeforeEveryKey) {
  for (const char* url : {"s3://abc/one/two", "s3://abc/one/two/"}) {
    EXPECT_EQ(Resolve({.url = url}).PathOf("k"), "/one/two/k") << url;
  }
  EXPECT_EQ(Resolve({.url = "s3://abc/"}).PathOf("k"), "/k");
}

TEST(BucketTest, InvalidUrlsAreRefused) {
  for (const char* url :
       {"", "photos", "s3:photos", "s3://", "s3://ab", "s3://Photos",
        "s3://-photos", "s3://pho_tos", "s3:///prefix", "s3://abc//x",
        "s3://abc/x//y", "s3://abc/../y", "s3://abc/./y", "s3://abc/a b",
        "s3://abc/%41", "s3://abc?x"}) {
    EXPECT_THAT(ResolveBucket({.url = url}),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         StartsWith("--media must be s3://BUCKET")))
        << url;
  }
}

TEST(BucketTest, InvalidEndpointsAreRefused) {
  for (const char* endpoint :
       {"s3.example.org", "ftp://s3.example.org", "http://", "https:///",
        "https://s3.example.org/path", "https://user@s3.example.org",
        "https://s3.example.org?x", "https://a b"}) {
    EXPECT_THAT(ResolveBucket({.url = "s3://abc", .endpoint = endpoint}),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         StartsWith("--s3-endpoint must be")))
        << endpoint;
  }
}

TEST(BucketTest, InvalidRegionsAreRefused) {
  for (const char* region : {"", "eu central", "../x", "EU"}) {
    EXPECT_THAT(ResolveBucket({.url = "s3://abc", .region = region}),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         StartsWith("--s3-region must be")))
        << region;
  }
}

}  // namespace
}  // namespace pinhole::media::s3
