// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/async/task.h"
#include "google/protobuf/empty.pb.h"
#include "pinhole/v1/options.pb.h"
#include "pinhole/v1/photo_service.pb.h"
#include "server/domain/photos.h"
#include "server/domain/text/token_signer.h"
#include "server/rpc/call.h"
#include "server/rpc/message_stream.h"
#include "server/rpc/registry.h"

namespace pinhole::rpc {

// The option of UploadPhoto that lists the accepted media types.
const v1::RawBody& UploadOption();

// Answers pinhole.v1.PhotoService.  Thread-safe.
class PhotoService {
 public:
  // Both arguments must outlive this object.
  PhotoService(domain::Photos& photos, const domain::TokenSigner& signer);

  // Adds the handlers, which refer to this object.
  void AddTo(Registry& registry);

 private:
  template <typename T>
  using Answer = Task<absl::StatusOr<T>>;

  Answer<v1::Photo> UploadPhoto(Call&, MessageReader&);
  Answer<v1::Photo> GetPhoto(Call&, const v1::GetPhotoRequest&);
  Answer<v1::Photo> UpdatePhoto(Call&, const v1::UpdatePhotoRequest&);
  Answer<google::protobuf::Empty> DeletePhoto(Call&,
                                              const v1::DeletePhotoRequest&);
  Task<absl::Status> DownloadPhoto(Call&, const v1::DownloadPhotoRequest&,
                                   MessageWriter&);

  // Reads the chunks that follow the metadata into `upload`.
  Task<absl::Status> Receive(MessageReader& requests,
                             domain::PhotoUpload& upload);

  domain::Photos& photos_;
  const domain::TokenSigner& signer_;
};

}  // namespace pinhole::rpc
