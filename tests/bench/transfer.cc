// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/transfer.h"

#include <cstdlib>
#include <iostream>

#include "absl/time/clock.h"
#include "fmt/format.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"

namespace pinhole::bench {
namespace {

constexpr std::size_t kChunkBytes = 128 * 1024;
constexpr std::size_t kFileBytes = 10 * 1024 * 1024;
constexpr double kMebibyte = 1024.0 * 1024;

void Check(bool ok, const std::string& what) {
  if (ok) return;
  std::cerr << what << std::endl;
  std::abort();
}

// `transfer` moves one file and gives its length.
template <typename Transfer>
double MebibytesPerSecond(absl::Duration time, Transfer transfer) {
  const absl::Time begin = absl::Now();
  double bytes = 0;
  do {
    bytes += static_cast<double>(transfer());
  } while (absl::Now() - begin < time);
  return bytes / kMebibyte / absl::ToDoubleSeconds(absl::Now() - begin);
}

std::string MakeUpload() {
  return fmt::format(
             "POST /v1/photos:upload HTTP/1.1\r\nHost: localhost\r\n"
             "Authorization: Bearer none\r\nContent-Type: image/jpeg\r\n"
             "Content-Length: {}\r\n\r\n",
             kFileBytes) +
         std::string(kFileBytes, 'x');
}

}  // namespace

HttpTransfer::HttpTransfer(const std::string& address)
    : connection_(address),
      upload_(MakeUpload()),
      download_(HttpGet("/v1/photos/1/large", "Bearer none")) {}

double HttpTransfer::Upload(absl::Duration time) {
  return MebibytesPerSecond(time, [this] {
    connection_.Send(upload_);
    connection_.ReadAnswer();
    return kFileBytes;
  });
}

double HttpTransfer::Download(absl::Duration time) {
  return MebibytesPerSecond(time, [this] {
    connection_.Send(download_);
    const std::uint64_t length = connection_.ReadAnswer();
    Check(length == kFileBytes, "a download is not whole");
    return length;
  });
}

GrpcTransfer::GrpcTransfer(const std::string& target)
    : stub_(v1::PhotoService::NewStub(
          grpc::CreateChannel(target, grpc::InsecureChannelCredentials()))) {}

double GrpcTransfer::Upload(absl::Duration time) {
  v1::UploadPhotoRequest head;
  head.mutable_metadata()->set_content_type("image/jpeg");
  v1::UploadPhotoRequest chunk;
  chunk.set_chunk(std::string(kChunkBytes, 'x'));
  return MebibytesPerSecond(time, [&] {
    grpc::ClientContext context;
    v1::Photo photo;
    const auto parts = stub_->UploadPhoto(&context, &photo);
    parts->Write(head);
    for (std::size_t sent = 0; sent < kFileBytes; sent += kChunkBytes) {
      parts->Write(chunk);
    }
    parts->WritesDone();
    Check(parts->Finish().ok(), "an upload failed");
    return photo.size_bytes();
  });
}

double GrpcTransfer::Download(absl::Duration time) {
  return MebibytesPerSecond(time, [&] {
    grpc::ClientContext context;
    const auto parts = stub_->DownloadPhoto(&context, {});
    v1::DownloadPhotoResponse part;
    std::size_t bytes = 0;
    while (parts->Read(&part)) bytes += part.chunk().size();
    Check(parts->Finish().ok() && bytes == kFileBytes, "a download failed");
    return bytes;
  });
}

}  // namespace pinhole::bench
