// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/async/task.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/repeated_field.h"
#include "server/rpc/call.h"
#include "server/rpc/message_stream.h"
#include "server/rpc/registry.h"

namespace pinhole::rpc {

// Answers grpc.reflection.v1.ServerReflection, and v1alpha for older clients.
//
// gRPC's own implementation serves the descriptors in the generated code, which
// have no comments; this one serves pinhole/v1/descriptors.h, so that `grpcurl
// describe` prints the documentation.  Thread-safe after `AddTo`.
class Reflection {
 public:
  // A stream without a request for `idle` ends with OK, since its client has
  // probably forgotten it.
  explicit Reflection(absl::Duration idle = absl::Minutes(1));

  // Adds the handlers, which refer to this object and to `registry`: they list
  // all of its services.
  void AddTo(Registry& registry);

 private:
  // Serialized google.protobuf.FileDescriptorProto messages.
  using Files = google::protobuf::RepeatedPtrField<std::string>;

  // The messages of the two versions have different types and the same fields.
  template <typename Request, typename Response>
  void AddVersion(const std::string& method, Registry& registry);
  // Answers one request at a time: the next is read when the client has
  // accepted the answer, so flow control limits what a stream occupies.
  template <typename Request, typename Response>
  Task<absl::Status> Serve(Call& call, MessageReader& requests,
                           MessageWriter& responses) const;
  template <typename Request, typename Response>
  Response Answer(const Request& request) const;
  template <typename Request, typename Response>
  absl::Status Fill(const Request& request, Response& response) const;

  // Adds `file`, then the files that it imports, directly or not.
  void AddFiles(const google::protobuf::FileDescriptor& file,
                Files* files) const;
  // Errors of these: NOT_FOUND.
  absl::Status FindFile(const std::string& name, Files* files) const;
  absl::Status FindSymbol(const std::string& symbol, Files* files) const;
  absl::Status FindExtension(const std::string& type, int number,
                             Files* files) const;
  absl::Status FindNumbers(
      const std::string& type,
      google::protobuf::RepeatedField<std::int32_t>* numbers) const;

  const absl::Duration idle_;
  const Registry* registry_ = nullptr;
  google::protobuf::DescriptorPool pool_;
  std::map<std::string, std::string> files_;  // Serialized, by name.
};

}  // namespace pinhole::rpc
