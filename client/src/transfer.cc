// SPDX-License-Identifier: Apache-2.0

#include <cerrno>
#include <fstream>
#include <memory>
#include <system_error>

#include "fmt/format.h"
#include "pinhole/client.h"

namespace pinhole::client {
namespace {

constexpr std::int64_t kChunkBytes = 256 * 1024;

using Photos = v1::PhotoService::Stub;

std::int64_t BytesLeft(std::istream& bytes, std::istream::pos_type start) {
  bytes.seekg(0, std::ios::end);
  const std::int64_t size = bytes.tellg() - start;
  bytes.seekg(start);
  return size;
}

// Sends the chunks.  Stops without an error if the server has responded.
// Errors: DATA_LOSS if `bytes` cannot be read.
absl::Status SendChunks(std::istream& bytes, std::int64_t total,
                        const Progress& progress,
                        grpc::ClientWriter<v1::UploadPhotoRequest>& writer) {
  v1::UploadPhotoRequest message;
  std::string& chunk = *message.mutable_chunk();
  std::int64_t sent = 0;
  while (bytes) {
    chunk.resize(kChunkBytes);
    bytes.read(chunk.data(), kChunkBytes);
    chunk.resize(bytes.gcount());
    if (bytes.bad()) return absl::DataLossError("cannot read the photo file");
    if (chunk.empty()) break;
    sent += static_cast<std::int64_t>(chunk.size());
    if (!writer.Write(message)) break;
    if (progress) progress(sent, total);
  }
  return absl::OkStatus();
}

// Writes a photo's bytes to `out`.  Sets `begun` when it writes the first.
absl::StatusOr<v1::RenditionHead> Receive(
    grpc::ClientReader<v1::DownloadPhotoResponse>& reader,
    grpc::ClientContext& context, std::ostream& out, bool& begun) {
  v1::RenditionHead head;
  v1::DownloadPhotoResponse message;
  std::int64_t received = 0;
  while (reader.Read(&message)) {
    if (message.has_head()) head = message.head();
    begun = begun || !message.chunk().empty();
    const auto bytes = static_cast<std::streamsize>(message.chunk().size());
    received += bytes;
    if (out.write(message.chunk().data(), bytes)) continue;
    context.TryCancel();
    reader.Finish();
    return absl::DataLossError("cannot write the photo file");
  }
  if (auto status = FromGrpc(reader.Finish()); !status.ok()) return status;
  if (received != head.size_bytes()) {
    return absl::DataLossError(
        fmt::format("the download is incomplete: received {} of {} bytes",
                    received, head.size_bytes()));
  }
  return head;
}

// A file that replaces its target only when it is complete, and is removed
// otherwise.  If the target is a device or pipe, writes to it directly.
class PartialFile {
 public:
  explicit PartialFile(const std::filesystem::path& place) : place_(place) {
    std::error_code error;
    // Replaces the target of a symbolic link, not the link.
    if (std::filesystem::is_symlink(place, error)) {
      place_ = std::filesystem::weakly_canonical(place, error);
    }
    path_ = place_;
    const auto there = std::filesystem::status(place_, error);
    replaces_ = !std::filesystem::exists(there) ||
                std::filesystem::is_regular_file(there);
    if (replaces_) path_ += fmt::format(".{}.part", NewRequestId());
    stream_.open(path_, std::ios::binary | std::ios::trunc);
  }
  ~PartialFile() {
    std::error_code ignored;
    if (replaces_) std::filesystem::remove(path_, ignored);
  }

  std::ostream& stream() { return stream_; }

  absl::Status Complete() {
    stream_.close();
    std::error_code error;
    if (stream_ && replaces_) std::filesystem::rename(path_, place_, error);
    if (stream_ && !error) return absl::OkStatus();
    return absl::DataLossError(fmt::format("cannot write {}", place_.string()));
  }

 private:
  std::filesystem::path place_;
  std::filesystem::path path_;
  bool replaces_ = true;
  std::ofstream stream_;
};

}  // namespace

absl::StatusOr<v1::Photo> Client::UploadPhoto(const std::filesystem::path& file,
                                              const Upload& upload) const {
  if (std::filesystem::is_directory(file)) {
    return absl::InvalidArgumentError(file.string() + " is a directory");
  }
  std::ifstream bytes(file, std::ios::binary);
  if (!bytes) {
    return absl::NotFoundError(
        fmt::format("cannot open {}: {}", file.string(),
                    std::generic_category().message(errno)));
  }
  return UploadPhoto(bytes, upload);
}

absl::StatusOr<v1::Photo> Client::UploadPhoto(std::istream& bytes,
                                              const Upload& upload) const {
  const auto start = bytes.tellg();
  const bool rewinds = start != std::istream::pos_type(-1);
  bytes.clear();
  const std::int64_t total = rewinds ? BytesLeft(bytes, start) : 0;
  v1::UploadPhotoRequest first;
  v1::PhotoMetadata& metadata = *first.mutable_metadata();
  metadata.set_caption(upload.caption);
  metadata.set_alt_text(upload.alt_text);
  metadata.set_visibility(upload.visibility);
  metadata.set_size_bytes(total);
  metadata.set_request_id(upload.request_id.empty() ? NewRequestId()
                                                    : upload.request_id);
  v1::Photo photo;
  const auto attempt = [&](grpc::ClientContext& context) -> absl::Status {
    if (rewinds) {
      bytes.clear();
      bytes.seekg(start);
    }
    const auto writer =
        connection_.stub<Photos>().UploadPhoto(&context, &photo);
    if (writer->Write(first)) {
      auto sent = SendChunks(bytes, total, upload.progress, *writer);
      if (!sent.ok()) {
        context.TryCancel();
        writer->Finish();
        return sent;
      }
      writer->WritesDone();
    }
    return FromGrpc(writer->Finish());
  };
  const Repeat repeat = rewinds ? Repeat::kSafe : Repeat::kNever;
  const auto status =
      connection_.Run(repeat, connection_.options().transfer_timeout, attempt);
  if (!status.ok()) return status;
  return photo;
}

absl::StatusOr<v1::RenditionHead> Client::DownloadPhoto(
    const std::string& photo, v1::Rendition rendition,
    std::ostream& out) const {
  const auto name = PhotoName(photo);
  if (!name.ok()) return name.status();
  v1::DownloadPhotoRequest request;
  request.set_name(*name);
  request.set_rendition(rendition);
  absl::StatusOr<v1::RenditionHead> head;
  bool begun = false;
  const auto attempt = [&](grpc::ClientContext& context) -> absl::Status {
    const auto reader =
        connection_.stub<Photos>().DownloadPhoto(&context, request);
    head = Receive(*reader, context, out, begun);
    if (head.ok() || !begun) return head.status();
    // Not retried, since bytes were already written to `out`.
    return absl::OkStatus();
  };
  const auto status = connection_.Run(
      Repeat::kSafe, connection_.options().transfer_timeout, attempt);
  if (!status.ok()) return status;
  return head;
}

absl::StatusOr<v1::RenditionHead> Client::DownloadPhoto(
    const std::string& photo, v1::Rendition rendition,
    const std::filesystem::path& file) const {
  PartialFile part(file);
  if (!part.stream()) {
    return absl::NotFoundError(
        fmt::format("cannot create {}: {}", file.string(),
                    std::generic_category().message(errno)));
  }
  auto head = DownloadPhoto(photo, rendition, part.stream());
  if (!head.ok()) return head;
  if (auto status = part.Complete(); !status.ok()) return status;
  return head;
}

}  // namespace pinhole::client
