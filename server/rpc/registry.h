// SPDX-License-Identifier: Apache-2.0

// Registry: the methods of the server, by full name.
//
// Services add their handlers; fronts (gRPC, and the gateway in the same
// process) look them up and run them through dispatch.h.

#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/async/task.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "pinhole/v1/options.pb.h"
#include "server/rpc/call.h"
#include "server/rpc/message_stream.h"

namespace pinhole::rpc {

// A method with its descriptor, access and handler.
struct Method {
  using ProtoMessage = google::protobuf::Message;

  const google::protobuf::MethodDescriptor* descriptor = nullptr;
  const ProtoMessage* request_prototype = nullptr;
  const ProtoMessage* response_prototype = nullptr;
  v1::Access access = v1::ACCESS_UNSPECIFIED;
  std::size_t number = 0;  // In the order of registration, from 0.

  // Exactly one is set, according to the descriptor.  The arguments must
  // outlive the task.
  std::function<Task<absl::Status>(Call&, const ProtoMessage& request,
                                   ProtoMessage* response)>
      unary;
  std::function<Task<absl::Status>(Call&, MessageReader& requests,
                                   ProtoMessage* response)>
      client_streaming;
  std::function<Task<absl::Status>(Call&, const ProtoMessage& request,
                                   MessageWriter& responses)>
      server_streaming;
  std::function<Task<absl::Status>(Call&, MessageReader& requests,
                                   MessageWriter& responses)>
      bidi_streaming;
};

// Whether the method is Pinhole's own, not infrastructure such as health.
bool IsOurs(const Method& method);

// Whether the method streams without an end (such as WatchFeed), unlike a
// download.
bool IsWatch(const Method& method);

// Filled at start; thread-safe once it is only read.
class Registry {
 public:
  // Adds the handler of `full_name` ("pinhole.v1.PhotoService.GetPhoto"):
  //
  //   registry.Unary<v1::GetPhotoRequest, v1::Photo>(
  //       "pinhole.v1.PhotoService.GetPhoto",
  //       [this](Call& call, const v1::GetPhotoRequest& request) {
  //         return GetPhoto(call, request);  // Task<absl::StatusOr<v1::Photo>>
  //       });
  //
  // Ends the process if the name, kind or types do not match the descriptor, or
  // if a method of Pinhole has no access option, since this is a bug.
  template <typename Request, typename Response>
  void Unary(
      std::string_view full_name,
      std::function<Task<absl::StatusOr<Response>>(Call&, const Request&)>
          handler) {
    Method method = Describe(full_name, Request::default_instance(),
                             Response::default_instance());
    method.unary = [handler = std::move(handler)](
                       Call& call, const Method::ProtoMessage& request,
                       Method::ProtoMessage* response) -> Task<absl::Status> {
      absl::StatusOr<Response> result =
          co_await handler(call, static_cast<const Request&>(request));
      if (!result.ok()) co_return result.status();
      *static_cast<Response*>(response) = *std::move(result);
      co_return absl::OkStatus();
    };
    Add(std::move(method));
  }

  template <typename Request, typename Response>
  void ClientStreaming(
      std::string_view full_name,
      std::function<Task<absl::StatusOr<Response>>(Call&, MessageReader&)>
          handler) {
    Method method = Describe(full_name, Request::default_instance(),
                             Response::default_instance());
    method.client_streaming =
        [handler = std::move(handler)](
            Call& call, MessageReader& requests,
            Method::ProtoMessage* response) -> Task<absl::Status> {
      absl::StatusOr<Response> result = co_await handler(call, requests);
      if (!result.ok()) co_return result.status();
      *static_cast<Response*>(response) = *std::move(result);
      co_return absl::OkStatus();
    };
    Add(std::move(method));
  }

  template <typename Request, typename Response>
  void ServerStreaming(
      std::string_view full_name,
      std::function<Task<absl::Status>(Call&, const Request&, MessageWriter&)>
          handler) {
    Method method = Describe(full_name, Request::default_instance(),
                             Response::default_instance());
    method.server_streaming =
        [handler = std::move(handler)](
            Call& call, const Method::ProtoMessage& request,
            MessageWriter& responses) -> Task<absl::Status> {
      co_return co_await handler(call, static_cast<const Request&>(request),
                                 responses);
    };
    Add(std::move(method));
  }

  template <typename Request, typename Response>
  void BidiStreaming(
      std::string_view full_name,
      std::function<Task<absl::Status>(Call&, MessageReader&, MessageWriter&)>
          handler) {
    Method method = Describe(full_name, Request::default_instance(),
                             Response::default_instance());
    method.bidi_streaming = std::move(handler);
    Add(std::move(method));
  }

  // Null if there is none.
  const Method* Find(std::string_view full_name) const;

  const std::map<std::string, Method, std::less<>>& methods() const {
    return methods_;
  }

 private:
  static Method Describe(std::string_view full_name,
                         const Method::ProtoMessage& request,
                         const Method::ProtoMessage& response);
  void Add(Method method);

  std::map<std::string, Method, std::less<>> methods_;
};

}  // namespace pinhole::rpc
