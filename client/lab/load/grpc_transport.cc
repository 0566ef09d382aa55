// SPDX-License-Identifier: Apache-2.0

#include "client/lab/load/grpc_transport.h"

#include <chrono>
#include <optional>
#include <utility>

#include "absl/time/clock.h"
#include "grpcpp/support/byte_buffer.h"

namespace pinhole::lab {
namespace {

// Answers that are handled before the caller may start new calls.
constexpr int kAnswersInARow = 64;

grpc::ByteBuffer BufferOf(std::string bytes) {
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

std::string BytesOf(const grpc::ByteBuffer& buffer) {
  std::string bytes;
  std::vector<grpc::Slice> slices;
  if (!buffer.Dump(&slices).ok()) return bytes;
  bytes.reserve(buffer.Length());
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

}  // namespace

struct GrpcTransport::Flight {
  std::optional<grpc::ClientContext> context;
  Request call;
  Done done;
  grpc::ByteBuffer response;
  grpc::Status status;
  std::int64_t bytes = 0;

  std::unique_ptr<grpc::ClientAsyncResponseReader<grpc::ByteBuffer>> unary;

  // Of a stream: what was asked for last, and how many messages were sent.
  enum class Step { kStart, kWrite, kWritesDone, kRead, kFinish };
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream;
  Step step = Step::kStart;
  std::size_t sent = 0;
  grpc::ByteBuffer incoming;
};

GrpcTransport::GrpcTransport(const std::vector<std::string>& targets,
                             std::size_t connections,
                             const client::TlsFiles& tls) {
  client::Options options;
  options.own_transport = true;
  options.tls = tls;
  for (std::size_t i = 0; i < connections; ++i) {
    const client::Connection connection(targets[i % targets.size()], options);
    stubs_.push_back(std::make_unique<grpc::GenericStub>(connection.channel()));
  }
}

GrpcTransport::~GrpcTransport() {
  Cancel();
  queue_.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) {
    auto& flight = *static_cast<Flight*>(tag);
    // A stream that is not over yet has asked for nothing else.
    if (flight.unary || flight.step == Flight::Step::kFinish) {
      flying_.erase(&flight);
      delete &flight;
    }
  }
  for (Flight* flight : flying_) delete flight;
}

void GrpcTransport::Start(std::size_t user, Request call,
                          absl::Duration timeout, Done done) {
  if (resting_.empty()) resting_.push_back(std::make_unique<Flight>());
  Flight* flight = resting_.back().release();
  resting_.pop_back();
  flying_.insert(flight);
  flight->call = std::move(call);
  flight->done = std::move(done);
  flight->context.emplace();
  if (!flight->call.authorization.empty()) {
    flight->context->AddMetadata("authorization", flight->call.authorization);
  }
  flight->context->set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  grpc::GenericStub& stub = *stubs_[user % stubs_.size()];
  if (!flight->call.streams) {
    flight->unary = stub.PrepareUnaryCall(
        &*flight->context, flight->call.method,
        BufferOf(std::move(flight->call.messages.front())), &queue_);
    flight->unary->StartCall();
    flight->unary->Finish(&flight->response, &flight->status, flight);
    return;
  }
  flight->stream =
      stub.PrepareCall(&*flight->context, flight->call.method, &queue_);
  flight->step = Flight::Step::kStart;
  flight->stream->StartCall(flight);
}

void GrpcTransport::Advance(Flight& flight, bool ok) {
  using Step = Flight::Step;
  switch (flight.step) {
    case Step::kStart:
    case Step::kWrite:
      if (ok && flight.sent < flight.call.messages.size()) {
        flight.step = Step::kWrite;
        flight.stream->Write(
            BufferOf(std::move(flight.call.messages[flight.sent++])), &flight);
      } else if (ok) {
        flight.step = Step::kWritesDone;
        flight.stream->WritesDone(&flight);
      } else {
        flight.step = Step::kFinish;
        flight.stream->Finish(&flight.status, &flight);
      }
      return;
    case Step::kRead:
      if (ok) {
        flight.bytes += static_cast<std::int64_t>(flight.incoming.Length());
        if (flight.call.on_message) {
          flight.call.on_message(BytesOf(flight.incoming));
        } else {
          flight.response.Swap(&flight.incoming);
        }
      }
      [[fallthrough]];
    case Step::kWritesDone:
      if (ok) {
        flight.step = Step::kRead;
        flight.stream->Read(&flight.incoming, &flight);
      } else {
        flight.step = Step::kFinish;
        flight.stream->Finish(&flight.status, &flight);
      }
      return;
    case Step::kFinish:
      Land(flight);
      return;
  }
}

void GrpcTransport::Land(Flight& flight) {
  Outcome outcome;
  if (flight.status.ok()) {
    outcome.bytes = flight.unary
                        ? static_cast<std::int64_t>(flight.response.Length())
                        : flight.bytes;
    outcome.body = BytesOf(flight.response);
  } else {
    google::rpc::Status status;
    status.ParseFromString(flight.status.error_details());
    status.set_code(flight.status.error_code());
    outcome = FailureOf(status);
  }
  Done done = std::move(flight.done);
  flying_.erase(&flight);
  flight.stream.reset();
  flight.unary.reset();
  flight.context.reset();
  flight.response.Clear();
  flight.incoming.Clear();
  flight.sent = 0;
  flight.bytes = 0;
  resting_.emplace_back(&flight);
  done(std::move(outcome));
}

void GrpcTransport::Poll(absl::Time until) {
  void* tag = nullptr;
  bool ok = false;
  auto deadline = absl::ToChronoTime(until);
  for (int i = 0; i < kAnswersInARow && queue_.AsyncNext(&tag, &ok, deadline) ==
                                            grpc::CompletionQueue::GOT_EVENT;
       ++i) {
    auto& flight = *static_cast<Flight*>(tag);
    if (flight.unary) {
      Land(flight);
    } else {
      Advance(flight, ok);
    }
    deadline = {};  // Long ago: only what is there already.
  }
}

void GrpcTransport::Cancel() {
  for (Flight* flight : flying_) flight->context->TryCancel();
}

}  // namespace pinhole::lab
