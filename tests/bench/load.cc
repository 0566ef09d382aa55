// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/load.h"

#include <algorithm>
#include <chrono>
#include <iostream>
#include <optional>
#include <utility>

#include "absl/time/clock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "grpcpp/security/credentials.h"

namespace pinhole::bench {
namespace {

constexpr absl::Duration kDeadline = absl::Seconds(10);

bool SaysWhenToRetry(const grpc::Status& status) {
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) return false;
  return std::any_of(details.details().begin(), details.details().end(),
                     [](const google::protobuf::Any& detail) {
                       return detail.Is<google::rpc::RetryInfo>();
                     });
}

}  // namespace

struct Load::Flight {
  std::optional<grpc::ClientContext> context;
  std::unique_ptr<grpc::ClientAsyncResponseReader<grpc::ByteBuffer>> reader;
  grpc::ByteBuffer response;
  grpc::Status status;
  absl::Time begin;
};

grpc::ByteBuffer Serialize(const google::protobuf::Message& message) {
  grpc::ByteBuffer bytes;
  bool own_buffer = false;
  grpc::GenericSerialize<grpc::ProtoBufferWriter, google::protobuf::Message>(
      message, &bytes, &own_buffer);
  return bytes;
}

std::int64_t Hits::all() const {
  std::int64_t all = ok;
  for (const auto& [code, count] : errors) all += count;
  return all;
}

Load::Load(const std::string& target, int channels) {
  grpc::ChannelArguments arguments;
  // Else channels to the same target share one connection.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  for (int i = 0; i < channels; ++i) {
    const auto channel = grpc::CreateCustomChannel(
        target, grpc::InsecureChannelCredentials(), arguments);
    if (!channel->WaitForConnected(std::chrono::system_clock::now() +
                                   std::chrono::seconds(10))) {
      std::cerr << "no connection to " << target << std::endl;
      std::abort();
    }
    stubs_.push_back(std::make_unique<grpc::GenericStub>(channel));
  }
}

Load::~Load() {
  queue_.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) {
  }
}

void Load::Start(Flight* flight, const Request& request,
                 absl::Duration deadline) {
  flight->context.emplace();
  if (request.authorization != nullptr) {
    flight->context->AddMetadata("authorization", *request.authorization);
  }
  flight->begin = absl::Now();
  flight->context->set_deadline(absl::ToChronoTime(flight->begin + deadline));
  const auto stub = static_cast<std::size_t>(requests_++) % stubs_.size();
  flight->response.Clear();
  flight->reader = stubs_[stub]->PrepareUnaryCall(
      &*flight->context, *request.method, *request.request, &queue_);
  flight->reader->StartCall();
  flight->reader->Finish(&flight->response, &flight->status, flight);
}

void Load::Note(Flight& flight, Hits& hits) {
  const double us = absl::ToDoubleMicroseconds(absl::Now() - flight.begin);
  if (flight.status.ok()) {
    ++hits.ok;
    hits.ok_us.push_back(us);
    return;
  }
  ++hits.errors[flight.status.error_code()];
  if (flight.status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) return;
  hits.refused_us.push_back(us);
  if (SaysWhenToRetry(flight.status)) ++hits.refused_with_delay;
}

Hits Load::Closed(int in_flight, absl::Duration time, const Aim& aim) {
  Hits hits;
  std::vector<Flight> flights(static_cast<std::size_t>(in_flight));
  const absl::Time begin = absl::Now();
  for (Flight& flight : flights) Start(&flight, aim(requests_), kDeadline);
  hits.started = in_flight;
  void* tag = nullptr;
  bool ok = false;
  while (in_flight > 0 && queue_.Next(&tag, &ok)) {
    Flight& flight = *static_cast<Flight*>(tag);
    Note(flight, hits);
    if (absl::Now() - begin < time) {
      Start(&flight, aim(requests_), kDeadline);
      ++hits.started;
    } else {
      --in_flight;
    }
  }
  hits.time = absl::Now() - begin;
  return hits;
}

Hits Load::Open(double per_second, absl::Duration time, absl::Duration deadline,
                const Aim& aim) {
  Hits hits;
  const absl::Time begin = absl::Now();
  std::vector<std::unique_ptr<Flight>> resting;
  std::int64_t under_way = 0;
  bool over = false;
  while (!over || under_way > 0) {
    const absl::Duration passed = absl::Now() - begin;
    over = passed >= time;
    const auto due =
        static_cast<std::int64_t>(absl::ToDoubleSeconds(passed) * per_second);
    // A few at a time, so that answers are not kept waiting by starts.
    for (int i = 0; !over && hits.started < due && i < 32;
         ++i, ++hits.started) {
      if (resting.empty()) resting.push_back(std::make_unique<Flight>());
      Start(resting.back().release(), aim(requests_), deadline);
      resting.pop_back();
      ++under_way;
    }
    void* tag = nullptr;
    bool ok = false;
    const auto wait = hits.started < due && !over ? absl::ZeroDuration()
                                                  : absl::Microseconds(200);
    auto until = absl::ToChronoTime(absl::Now() + wait);
    for (int i = 0; i < 64 && queue_.AsyncNext(&tag, &ok, until) ==
                                  grpc::CompletionQueue::GOT_EVENT;
         ++i) {
      resting.emplace_back(static_cast<Flight*>(tag));
      if (!over) Note(*resting.back(), hits);
      --under_way;
      until = {};  // Long ago: only what is there already.
    }
  }
  hits.time = time;
  return hits;
}

}  // namespace pinhole::bench
