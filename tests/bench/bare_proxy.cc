// SPDX-License-Identifier: Apache-2.0

// The bound of a call through the gateway in a process of its own: Beast in
// front of a gRPC stub with one hard-coded method.  One thread for HTTP, one
// polling the completion queue, token and deadline go along.
//
// Usage: bare_proxy BACKEND

#include <chrono>
#include <memory>
#include <thread>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "pinhole/v1/photo_service.grpc.pb.h"
#include "tests/bench/bare_http.h"

namespace pinhole::bench {
namespace {

namespace asio = boost::asio;

struct Call {
  grpc::ClientContext context;
  v1::GetPhotoRequest request;
  v1::Photo photo;
  grpc::Status status;
  std::unique_ptr<grpc::ClientAsyncResponseReader<v1::Photo>> reader;
  absl::AnyInvocable<void()> done;
};

// Until `call` has its answer.
asio::awaitable<void> Await(Call& call) {
  return asio::async_initiate<const asio::use_awaitable_t<>, void()>(
      [&call](auto handler) {
        call.done = std::move(handler);
        call.reader->Finish(&call.photo, &call.status, &call);
      },
      asio::use_awaitable);
}

void Serve(const std::string& backend) {
  asio::io_context io(1);
  grpc::CompletionQueue queue;
  const auto stub = v1::PhotoService::NewStub(
      grpc::CreateChannel(backend, grpc::InsecureChannelCredentials()));
  std::thread poller([&] {
    void* tag = nullptr;
    bool ok = false;
    while (queue.Next(&tag, &ok)) {
      asio::post(io, [call = static_cast<Call*>(tag)] {
        std::exchange(call->done, nullptr)();
      });
    }
  });
  const BareHandler handler =
      [&](const BareRequest& http) -> asio::awaitable<std::string> {
    Call call;
    call.request.set_name(std::string(http.target().substr(4)));  // Of "/v1/".
    const auto token = http[boost::beast::http::field::authorization];
    call.context.AddMetadata("authorization", std::string(token));
    call.context.set_deadline(std::chrono::system_clock::now() +
                              std::chrono::seconds(30));
    call.reader = stub->AsyncGetPhoto(&call.context, call.request, &queue);
    co_await Await(call);
    if (!call.status.ok()) throw std::runtime_error("the call failed");
    co_return BareJson(call.photo);
  };
  ServeBare(io, handler);
}

}  // namespace
}  // namespace pinhole::bench

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  // As the gateway has it: Debian builds abseil with its search for deadlocks.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  pinhole::bench::Serve(argv[1]);
}
