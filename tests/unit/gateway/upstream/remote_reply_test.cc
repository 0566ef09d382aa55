// SPDX-License-Identifier: Apache-2.0

#include "gateway/upstream/remote_reply.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "pinhole/v1/photo_service.pb.h"

namespace pinhole::gateway {
namespace {

std::string Joined(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  EXPECT_TRUE(buffer.Dump(&slices).ok());
  std::string joined;
  for (const grpc::Slice& slice : slices) {
    joined.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return joined;
}

std::unique_ptr<v1::UploadPhotoRequest> Piece(std::size_t size) {
  auto piece = std::make_unique<v1::UploadPhotoRequest>();
  piece->set_chunk(std::string(size, 'x'));
  return piece;
}

TEST(SerializePieceTest, GivesTheBytesThatProtobufGives) {
  for (const std::size_t size : {0, 1, 16 * 1024 - 1, 16 * 1024, 1 << 21}) {
    auto piece = Piece(size);
    const std::string expected = piece->SerializeAsString();

    EXPECT_EQ(Joined(SerializePiece(std::move(piece))), expected) << size;
  }
}

TEST(SerializePieceTest, LosesNothingThatIsBesideTheBytes) {
  auto known = std::make_unique<v1::DownloadPhotoResponse>();
  known->set_chunk(std::string(100'000, 'x'));
  known->mutable_head()->set_content_type("image/jpeg");
  const std::string both = known->SerializeAsString();
  auto unknown = Piece(100'000);
  unknown->GetReflection()
      ->MutableUnknownFields(unknown.get())
      ->AddVarint(1000, 7);
  const std::string rest = unknown->SerializeAsString();

  EXPECT_EQ(Joined(SerializePiece(std::move(known))), both);
  EXPECT_EQ(Joined(SerializePiece(std::move(unknown))), rest);
}

TEST(SerializePieceTest, DoesNotCopyManyBytes) {
  auto piece = Piece(100'000);
  const void* bytes = piece->chunk().data();
  const grpc::ByteBuffer buffer = SerializePiece(std::move(piece));

  std::vector<grpc::Slice> slices;
  ASSERT_TRUE(buffer.Dump(&slices).ok());
  ASSERT_EQ(slices.size(), 2U);
  EXPECT_EQ(static_cast<const void*>(slices[1].begin()), bytes);
}

}  // namespace
}  // namespace pinhole::gateway
