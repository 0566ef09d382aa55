// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/registry.h"

#include "google/protobuf/empty.pb.h"
#include "grpc/health/v1/health.pb.h"
#include "gtest/gtest.h"
#include "pinhole/v1/photo_service.pb.h"

namespace pinhole::rpc {
namespace {

Task<absl::StatusOr<v1::Photo>> GetPhoto(Call&, const v1::GetPhotoRequest&) {
  co_return v1::Photo();
}

constexpr char kGetPhoto[] = "pinhole.v1.PhotoService.GetPhoto";

TEST(RegistryTest, AMethodIsFoundByItsFullNameWithItsAccess) {
  Registry registry;
  registry.Unary<v1::GetPhotoRequest, v1::Photo>(kGetPhoto, GetPhoto);

  const Method* method = registry.Find(kGetPhoto);
  ASSERT_NE(method, nullptr);
  EXPECT_EQ(method->access, v1::ACCESS_ANYONE);
  EXPECT_TRUE(method->unary);
  EXPECT_TRUE(IsOurs(*method));
  EXPECT_EQ(registry.Find("pinhole.v1.PhotoService.NoSuch"), nullptr);
}

using RegistryDeathTest = ::testing::Test;

TEST(RegistryDeathTest, AnUnknownNameIsRefused) {
  Registry registry;
  EXPECT_DEATH((registry.Unary<v1::GetPhotoRequest, v1::Photo>(
                   "pinhole.v1.PhotoService.NoSuch", GetPhoto)),
               "");
}

TEST(RegistryDeathTest, AnotherKindIsRefused) {
  Registry registry;
  EXPECT_DEATH(
      (registry.ClientStreaming<v1::GetPhotoRequest, v1::Photo>(
          kGetPhoto,
          [](Call&, MessageReader&) -> Task<absl::StatusOr<v1::Photo>> {
            co_return v1::Photo();
          })),
      "");
}

TEST(RegistryDeathTest, OtherMessagesAreRefused) {
  Registry registry;
  EXPECT_DEATH((registry.Unary<v1::GetPhotoRequest, google::protobuf::Empty>(
                   kGetPhoto,
                   [](Call&, const v1::GetPhotoRequest&)
                       -> Task<absl::StatusOr<google::protobuf::Empty>> {
                     co_return google::protobuf::Empty();
                   })),
               "");
}

TEST(RegistryDeathTest, ASecondHandlerIsRefused) {
  Registry registry;
  registry.Unary<v1::GetPhotoRequest, v1::Photo>(kGetPhoto, GetPhoto);
  EXPECT_DEATH(
      (registry.Unary<v1::GetPhotoRequest, v1::Photo>(kGetPhoto, GetPhoto)),
      "");
}

}  // namespace
}  // namespace pinhole::rpc
