// SPDX-License-Identifier: Apache-2.0

// Query, path, JSON and errors: each case is one line of a table.

#include <memory>
#include <string>

#include "gateway/http/http_error.h"
#include "gateway/transcode/json.h"
#include "gateway/transcode/raw_body.h"
#include "gateway/transcode/request_message.h"
#include "gateway/upstream/call_headers.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "pinhole/v1/photo_service.pb.h"
#include "pinhole/v1/user_service.pb.h"
#include "tests/support/status_matchers.h"

namespace pinhole::gateway {
namespace {

using ::pinhole::testing::StatusIs;
using ::testing::HasSubstr;

constexpr std::size_t kDepth = 64;

const Route& RouteOf(const std::string& method, std::size_t index = 0) {
  static const auto& routes = *new std::vector<Route>(
      MakeRoutes({"pinhole.v1.PhotoService", "pinhole.v1.UserService"})
          .value());
  for (const Route& route : routes) {
    if (route.method->name() == method && index-- == 0) return route;
  }
  ADD_FAILURE() << "no route for " << method;
  return routes.front();
}

// The request as JSON, or the field that is wrong, or the error's text.
std::string Make(const std::string& method,
                 const std::vector<std::string>& path, const std::string& query,
                 const std::string& body) {
  const auto request = MakeRequest(RouteOf(method), path, query, body, kDepth);
  if (request.ok()) return (*request)->ShortDebugString();
  const auto status = ToProto(request.status());
  google::rpc::BadRequest bad;
  if (status.details_size() > 0 && status.details(0).UnpackTo(&bad)) {
    return "bad " + bad.field_violations(0).field();
  }
  return "bad: " + status.message();
}

TEST(RequestTest, IsMadeOfPathQueryAndBody) {
  const struct {
    const char* method;
    std::vector<std::string> path;
    const char* query;
    const char* body;
    const char* expected;
  } cases[] = {
      {"GetPhoto", {"photos/7"}, "", "", "name: \"photos/7\""},
      {"ListPhotos",
       {"users/a"},
       "page_size=5&pageToken=x+y%2B",
       "",
       "parent: \"users/a\" page_size: 5 page_token: \"x y+\""},
      {"ListPhotos", {"users/a"}, "page_size=99999999999", "", "bad page_size"},
      {"ListPhotos", {"users/a"}, "page_size=+1", "", "bad page_size"},
      {"ListPhotos", {"users/a"}, "page_size=", "", "bad page_size"},
      {"ListPhotos",
       {"users/a"},
       "page_size=1&page_size=2",
       "",
       "bad page_size"},
      {"ListPhotos", {"users/a"}, "pagesize=1", "", "bad pagesize"},
      {"ListPhotos", {"users/a"}, "parent=users/b", "", "bad parent"},
      {"ListPhotos", {"users/a"}, "page_token=%ff", "", "bad page_token"},
      {"ListPhotos",
       {"users/a"},
       "page_token=%f",
       "",
       "bad: the query has a malformed percent escape"},
      {"ListPhotos",
       {"users/a"},
       "",
       "{}",
       "bad: this method does not take a body"},
      {"DownloadPhoto",
       {"photos/7", "thumbnail"},
       "",
       "",
       "name: \"photos/7\" rendition: RENDITION_THUMBNAIL"},
      {"UpdatePhoto",
       {"photos/7"},
       "update_mask=caption,altText",
       R"({"caption":"x","visibility":"private"})",
       "photo { name: \"photos/7\" caption: \"x\" visibility: "
       "VISIBILITY_PRIVATE } update_mask { paths: \"caption\" paths: "
       "\"alt_text\" }"},
      {"UpdatePhoto", {"photos/7"}, "photo.caption=x", "", "bad photo.caption"},
      {"UpdatePhoto", {"photos/7"}, "", R"({"nope":1})", "bad photo.nope"},
      {"UpdatePhoto",
       {"photos/7"},
       "",
       R"({"name":"photos/8"})",
       "bad photo.name"},
      {"CreateUser", {}, "", "", ""},
      {"CreateUser", {}, "handle=x", "", "bad handle"},
      {"CreateUser",
       {},
       "",
       R"({"displayName":"A","handle":"b"})",
       "handle: \"b\" display_name: \"A\""},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Make(c.method, c.path, c.query, c.body), c.expected)
        << c.method << '?' << c.query << ' ' << c.body;
  }
}

TEST(UploadHeadTest, ComesFromQueryAndHeaders) {
  const struct {
    const char* query;
    const char* type;
    const char* expected;
  } cases[] = {
      {"caption=Half+Dome", "image/jpeg",
       "metadata { caption: \"Half Dome\" content_type: \"image/jpeg\" "
       "size_bytes: 9 }"},
      {"metadata.caption=x&visibility=PRIVATE", "",
       "metadata { caption: \"x\" visibility: VISIBILITY_PRIVATE size_bytes: "
       "9 }"},
      {"visibility=3", "",
       "metadata { visibility: VISIBILITY_PRIVATE size_bytes: 9 }"},
      {"visibility=secret", "", ""},
      {"nope=1", "", ""},
      {"size_bytes=5", "", ""},
  };
  for (const auto& c : cases) {
    const auto head =
        MakeUploadHead(RouteOf("UploadPhoto"), {}, c.query, c.type, 9);
    EXPECT_EQ(head.ok() ? (*head)->ShortDebugString() : "", c.expected)
        << c.query;
  }
}

TEST(JsonTest, TakesRfc8259AndNothingElse) {
  const struct {
    const char* text;
    bool good;
  } cases[] = {
      {R"({})", true},
      {R"( {"caption" : "a\u00e9\ud83d\ude00"} )", true},
      {R"({"width":1,"sizeBytes":"12","size_bytes":null})", false},
      {R"({"width":1,"sizeBytes":"12"})", true},
      {R"({"visibility":"public"})", true},
      {R"({"visibility":1})", true},
      {R"({"visibility":"SECRET"})", false},
      {R"({"createTime":"2026-01-01T00:00:00Z"})", true},
      {R"({"createTime":"yesterday"})", false},
      {R"({"caption":null})", true},
      {R"({"caption":"a",})", false},
      {R"({'caption':'a'})", false},
      {R"({caption:"a"})", false},
      {R"({"caption":"a"} x)", false},
      {R"({"caption":"a"}{})", false},
      {R"({"caption":"a","caption":"b"})", false},
      {R"({"alt_text":"a","altText":"b"})", false},
      {R"({"caption":"a)", false},
      {R"({"caption":"\ud800"})", false},
      {"{\"caption\":\"\xff\"}", false},
      {"{\"caption\":\"a\nb\"}", false},
      {R"({"width":01})", false},
      {R"({"width":1.5})", false},
      {R"({"width":99999999999})", false},
      {R"({"width":NaN})", false},
      {R"({"caption":{"a":1}})", false},
      {R"(/* no */{})", false},
      {R"([])", false},
      {R"("x")", false},
      {R"(null)", false},
      {R"( )", false},
  };
  for (const auto& c : cases) {
    v1::Photo photo;
    EXPECT_EQ(JsonToMessage(c.text, kDepth, photo).ok(), c.good) << c.text;
  }
}

TEST(JsonTest, ListsMustBeListsWithoutNulls) {
  for (const char* text :
       {R"({"photos":{}})", R"({"photos":"x"})", R"({"photos":[null]})"}) {
    v1::ListPhotosResponse list;
    EXPECT_THAT(
        JsonToMessage(text, kDepth, list),
        StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("photos")))
        << text;
  }
}

TEST(JsonTest, DepthIsLimited) {
  v1::Photo photo;
  const std::string deep(100'000, '[');
  EXPECT_FALSE(JsonToMessage("{\"caption\":" + deep, kDepth, photo).ok());
}

TEST(JsonTest, ErrorsDoNotRepeatValues) {
  v1::Photo photo;
  const auto status = JsonToMessage(R"({"width":"hunter2"})", kDepth, photo);
  EXPECT_THAT(status,
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("width")));
  EXPECT_EQ(std::string(status.message()).find("hunter2"), std::string::npos);
}

TEST(JsonTest, ZeroValuesAreShown) {
  v1::PhotoMetadata metadata;
  EXPECT_EQ(
      MessageToJson(metadata, JsonNames::kJson).value(),
      R"({"caption":"","altText":"","visibility":"VISIBILITY_UNSPECIFIED",)"
      R"("contentType":"","sizeBytes":"0","requestId":""})");
}

TEST(ErrorTest, EveryCodeHasItsHttpCode) {
  const struct {
    absl::StatusCode code;
    int http;
  } cases[] = {
      {absl::StatusCode::kCancelled, 499},
      {absl::StatusCode::kUnknown, 500},
      {absl::StatusCode::kInvalidArgument, 400},
      {absl::StatusCode::kDeadlineExceeded, 504},
      {absl::StatusCode::kNotFound, 404},
      {absl::StatusCode::kAlreadyExists, 409},
      {absl::StatusCode::kPermissionDenied, 403},
      {absl::StatusCode::kUnauthenticated, 401},
      {absl::StatusCode::kResourceExhausted, 429},
      {absl::StatusCode::kFailedPrecondition, 400},
      {absl::StatusCode::kAborted, 409},
      {absl::StatusCode::kOutOfRange, 400},
      {absl::StatusCode::kUnimplemented, 501},
      {absl::StatusCode::kInternal, 500},
      {absl::StatusCode::kUnavailable, 503},
      {absl::StatusCode::kDataLoss, 500},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(MakeHttpError(ToProto(absl::Status(c.code, "x"))).code, c.http);
  }
}

TEST(ErrorTest, RetryDelayIsRoundedUpToWholeSeconds) {
  google::rpc::Status status = ToProto(absl::UnavailableError("x"));
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(2);
  retry.mutable_retry_delay()->set_nanos(1);
  status.add_details()->PackFrom(retry);

  const HttpError error = MakeHttpError(status);

  ASSERT_EQ(error.headers.size(), 1u);
  EXPECT_EQ(error.headers[0].first, "Retry-After");
  EXPECT_EQ(error.headers[0].second, "3");
}

TEST(ErrorTest, DetailsAreExpandedAndUnknownOnesKept) {
  google::rpc::Status status =
      ToProto(InvalidField("photo.caption", "is too long"));
  auto* unknown = status.add_details();
  unknown->set_type_url("type.googleapis.com/no.such.Type");
  unknown->set_value("abc");

  EXPECT_EQ(StatusToJson(status),
            R"({"code":3,"message":"photo.caption is too long","details":[)"
            R"({"@type":"type.googleapis.com/google.rpc.BadRequest",)"
            R"("fieldViolations":[{"field":"photo.caption",)"
            R"("description":"is too long"}]},)"
            R"({"@type":"type.googleapis.com/google.rpc.ErrorInfo",)"
            R"("reason":"INVALID_FIELD","domain":"pinhole"},)"
            R"({"@type":"type.googleapis.com/no.such.Type","value":"YWJj"}]})");
}

TEST(ErrorTest, DetailsHaveNoDefaultValues) {
  google::rpc::Status status = ToProto(absl::UnavailableError("x"));
  google::rpc::BadRequest bad;
  bad.add_field_violations()->set_field("caption");
  bad.add_field_violations();
  status.add_details()->PackFrom(bad);
  status.add_details()->PackFrom(google::rpc::RetryInfo());
  google::rpc::ErrorInfo info;
  info.set_reason("BUSY");
  status.add_details()->PackFrom(info);

  EXPECT_EQ(StatusToJson(status),
            R"({"code":14,"message":"x","details":[)"
            R"({"@type":"type.googleapis.com/google.rpc.BadRequest",)"
            R"("fieldViolations":[{"field":"caption"},{}]},)"
            R"({"@type":"type.googleapis.com/google.rpc.RetryInfo"},)"
            R"({"@type":"type.googleapis.com/google.rpc.ErrorInfo",)"
            R"("reason":"BUSY"}]})");
}

TEST(CallHeadersTest, GrpcTimeoutIsParsed) {
  EXPECT_EQ(ParseGrpcTimeout("10S"), absl::Seconds(10));
  EXPECT_EQ(ParseGrpcTimeout("250m"), absl::Milliseconds(250));
  for (const char* bad : {"", "S", "10", "10x", "-1S", "123456789S", "1 S"}) {
    EXPECT_EQ(ParseGrpcTimeout(bad), std::nullopt) << bad;
  }
}

ClientAddress ClientAt(const std::string& address) {
  return ClientAddressResolver().Find({}, "ipv4:" + address + ":5", "");
}

TEST(CallHeadersTest, OnlyListedHeadersAreForwarded) {
  RequestHead head;
  head.headers = {{"authorization", "Bearer t"},
                  {"connection", "x"},
                  {"grpc-encoding", "gzip"},
                  {"cookie", "c"},
                  {"x-forwarded-for", "1.1.1.1"}};

  const CallHeaders call =
      MakeCallHeaders(head, "id", ClientAt("2.2.2.2"), "ipv4:2.2.2.2:5");

  using Pair = std::pair<std::string, std::string>;
  EXPECT_THAT(call.metadata, ::testing::UnorderedElementsAre(
                                 Pair("authorization", "Bearer t"),
                                 ::testing::Pair("traceparent", ::testing::_),
                                 Pair("x-forwarded-for", "2.2.2.2"),
                                 Pair("x-request-id", "id")));
}

TEST(CallHeadersTest, ValuesThatGrpcCannotCarryAreLeftOut) {
  RequestHead head;
  head.headers = {{"authorization", "Bearer \xc3\xa9"},
                  {"x-forwarded-for", "a\tb"}};

  const CallHeaders call = MakeCallHeaders(head, "id", ClientAt("2.2.2.2"), "");

  using Pair = std::pair<std::string, std::string>;
  EXPECT_THAT(call.metadata, ::testing::UnorderedElementsAre(
                                 ::testing::Pair("traceparent", ::testing::_),
                                 Pair("x-forwarded-for", "2.2.2.2"),
                                 Pair("x-request-id", "id")));
}

}  // namespace
}  // namespace pinhole::gateway
