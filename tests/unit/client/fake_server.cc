// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/client/fake_server.h"

#include <utility>

#include "fmt/format.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/server_builder.h"
#include "tests/unit/client/fake_state.h"

namespace pinhole::client {
namespace {

using grpc::Status;
using grpc::StatusCode;

Status WithDetail(StatusCode code, const std::string& message,
                  const google::protobuf::Message& detail) {
  google::rpc::Status wire;
  wire.set_code(code);
  wire.set_message(message);
  wire.add_details()->PackFrom(detail);
  return {code, message, wire.SerializeAsString()};
}

}  // namespace

Status RefusedField(const std::string& field, const std::string& rule) {
  google::rpc::BadRequest detail;
  auto* violation = detail.add_field_violations();
  violation->set_field(field);
  violation->set_description(rule);
  return WithDetail(StatusCode::INVALID_ARGUMENT, field + " " + rule, detail);
}

Status Busy(absl::Duration retry_delay) {
  google::rpc::RetryInfo detail;
  detail.mutable_retry_delay()->set_nanos(
      static_cast<int>(absl::ToInt64Nanoseconds(retry_delay)));
  return WithDetail(StatusCode::RESOURCE_EXHAUSTED, "busy", detail);
}

Status Because(StatusCode code, const std::string& message,
               const std::string& reason) {
  google::rpc::ErrorInfo detail;
  detail.set_reason(reason);
  return WithDetail(code, message, detail);
}

FakeServer::FakeServer()
    : log_(std::make_unique<FakeLog>()),
      state_(std::make_unique<State>(*log_)),
      users_(NewUsers(*state_)),
      photos_(NewPhotos(*state_)),
      social_(NewSocial(*state_)),
      admin_(NewAdmin(*state_)) {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                           &port);
  builder.RegisterService(users_.get());
  builder.RegisterService(photos_.get());
  builder.RegisterService(social_.get());
  builder.RegisterService(admin_.get());
  server_ = builder.BuildAndStart();
  target_ = fmt::format("127.0.0.1:{}", port);
}

FakeServer::~FakeServer() { server_->Shutdown(); }

void FakeServer::Fail(const std::string& method, Status status, int times) {
  absl::MutexLock lock(&log_->mutex);
  log_->faults[method] = {std::move(status), times, false};
}

void FakeServer::LoseAnswers(const std::string& method, int times) {
  absl::MutexLock lock(&log_->mutex);
  log_->faults[method] = {
      {StatusCode::UNAVAILABLE, "connection lost"}, times, true};
}

int FakeServer::calls(const std::string& method) const {
  absl::MutexLock lock(&log_->mutex);
  return log_->calls[method];
}

std::vector<std::string> FakeServer::request_ids() const {
  absl::MutexLock lock(&log_->mutex);
  return log_->request_ids;
}

std::vector<std::size_t> FakeServer::chunk_bytes() const {
  absl::MutexLock lock(&log_->mutex);
  return log_->chunk_bytes;
}

std::size_t FakeServer::users() const {
  absl::MutexLock lock(&state_->mutex);
  return state_->users.size();
}

std::size_t FakeServer::photos() const {
  absl::MutexLock lock(&state_->mutex);
  return state_->photos.size();
}

std::size_t FakeServer::comments() const {
  absl::MutexLock lock(&state_->mutex);
  return state_->comments.size();
}

std::string FakeServer::bytes_of(const std::string& photo) const {
  absl::MutexLock lock(&state_->mutex);
  return state_->bytes[photo];
}

void FakeServer::ForgetRequestIds() {
  absl::MutexLock lock(&state_->mutex);
  state_->first_results.clear();
}

}  // namespace pinhole::client
