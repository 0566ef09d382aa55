// SPDX-License-Identifier: Apache-2.0

#include "gateway/rules/raw_fields.h"

#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "pinhole/v1/options.pb.h"

namespace pinhole::gateway {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptorProto;
using google::protobuf::MethodDescriptor;
using ::testing::HasSubstr;

// A file of one service, whose messages have fields of several types.
constexpr char kFile[] = R"(
  name: "test.proto" package: "test" syntax: "proto3"
  message_type {
    name: "Head"
    field { name: "type" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
    field { name: "size" number: 2 type: TYPE_INT64 label: LABEL_OPTIONAL }
    field { name: "short" number: 3 type: TYPE_INT32 label: LABEL_OPTIONAL }
    field { name: "uri" number: 4 type: TYPE_STRING label: LABEL_OPTIONAL }
  }
  message_type {
    name: "Part"
    field { name: "head" number: 1 type: TYPE_MESSAGE type_name: ".test.Head"
            label: LABEL_OPTIONAL }
    field { name: "data" number: 2 type: TYPE_BYTES label: LABEL_OPTIONAL }
    field { name: "text" number: 3 type: TYPE_STRING label: LABEL_OPTIONAL }
    field { name: "all" number: 4 type: TYPE_BYTES label: LABEL_REPEATED }
    field { name: "from" number: 5 type: TYPE_INT64 label: LABEL_OPTIONAL }
    field { name: "elsewhere" number: 6 type: TYPE_BOOL label: LABEL_OPTIONAL
            proto3_optional: true oneof_index: 0 }
    field { name: "always" number: 7 type: TYPE_BOOL label: LABEL_OPTIONAL }
    oneof_decl { name: "_elsewhere" }
  }
  service {
    name: "Service"
    method {
      name: "Both" input_type: ".test.Part" output_type: ".test.Part"
      client_streaming: true server_streaming: true
    }
    method {
      name: "Unary" input_type: ".test.Part" output_type: ".test.Part"
    }
  })";

class RawFieldsTest : public ::testing::Test {
 protected:
  // A method with `option` for both directions.
  const MethodDescriptor& Make(const std::string& option,
                               const std::string& method = "Both") {
    FileDescriptorProto file;
    v1::RawBody raw;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(kFile, &file));
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(option, &raw));
    for (auto& each : *file.mutable_service(0)->mutable_method()) {
      *each.mutable_options()->MutableExtension(v1::raw_request) = raw;
      *each.mutable_options()->MutableExtension(v1::raw_response) = raw;
    }
    pool_ = std::make_unique<DescriptorPool>(DescriptorPool::generated_pool());
    return *pool_->BuildFile(file)->service(0)->FindMethodByName(method);
  }
  std::string Refused(const std::string& option) {
    return std::string(
        FindRawResponse(Make(option), nullptr).status().message());
  }

  std::unique_ptr<DescriptorPool> pool_;
};

constexpr char kGood[] = "head_field: 'head' data_field: 'data' ";

TEST_F(RawFieldsTest, FieldsAreFoundAndTypesLowered) {
  const auto raw = FindRawResponse(
      Make(std::string(kGood) +
           "content_type_field: 'type' size_field: 'size' offset_field: 'from' "
           "accept_redirect_field: 'elsewhere' redirect_uri_field: 'uri' "
           "max_bytes: 5 content_types: 'Image/PNG'"),
      nullptr);

  ASSERT_TRUE(raw.ok()) << raw.status();
  EXPECT_EQ(raw->head->name(), "head");
  EXPECT_EQ(raw->data->name(), "data");
  EXPECT_EQ(raw->content_type->name(), "type");
  EXPECT_EQ(raw->size->name(), "size");
  EXPECT_EQ(raw->offset->name(), "from");
  EXPECT_EQ(raw->accept_redirect->name(), "elsewhere");
  EXPECT_EQ(raw->redirect_uri->name(), "uri");
  EXPECT_EQ(raw->etag, nullptr);
  EXPECT_EQ(raw->max_bytes, 5u);
  EXPECT_THAT(raw->content_types, ::testing::ElementsAre("image/png"));
}

TEST_F(RawFieldsTest, OptionsThatDoNotFitTheMessagesAreRefused) {
  const std::string good = kGood;
  EXPECT_EQ(Refused(good), "");
  for (const char* fields : {"head_field: 'head'", "data_field: 'data'",
                             "head_field: 'head' data_field: 'text'",
                             "head_field: 'head' data_field: 'all'",
                             "head_field: 'text' data_field: 'data'"}) {
    EXPECT_THAT(Refused(fields), HasSubstr("data_field")) << fields;
  }
  EXPECT_THAT(Refused(good + "size_field: 'short'"), HasSubstr("size_field"));
  EXPECT_THAT(Refused(good + "etag_field: 'nope'"), HasSubstr("etag_field"));
  EXPECT_THAT(Refused(good + "content_type_field: 'size'"),
              HasSubstr("content_type_field"));
  EXPECT_THAT(Refused(good + "offset_field: 'text'"),
              HasSubstr("offset_field"));
  EXPECT_THAT(Refused(good + "max_bytes: -1"), HasSubstr("max_bytes"));
  EXPECT_THAT(Refused(good + "redirect_uri_field: 'size'"),
              HasSubstr("redirect_uri_field"));
  for (const char* fields :
       {"redirect_uri_field: 'uri'", "accept_redirect_field: 'elsewhere'",
        "redirect_uri_field: 'uri' accept_redirect_field: 'always'",
        "redirect_uri_field: 'uri' accept_redirect_field: 'from'"}) {
    EXPECT_THAT(Refused(good + fields), HasSubstr("accept_redirect_field"))
        << fields;
  }
}

TEST_F(RawFieldsTest, TheOptionNeedsStreaming) {
  const MethodDescriptor& unary = Make(kGood, "Unary");

  EXPECT_FALSE(FindRawRequest(unary, nullptr).ok());
  EXPECT_FALSE(FindRawResponse(unary, nullptr).ok());
}

}  // namespace
}  // namespace pinhole::gateway
