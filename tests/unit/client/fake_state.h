// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "grpcpp/server_context.h"
#include "pinhole/v1/photo_service.grpc.pb.h"
#include "pinhole/v1/social_service.grpc.pb.h"
#include "pinhole/v1/user_service.grpc.pb.h"
#include "tests/unit/client/fake_server.h"

namespace pinhole::client {

inline grpc::Status NoSuchThing() {
  return {grpc::StatusCode::NOT_FOUND, "no such thing"};
}

// What the services of the fake share.
struct FakeServer::State {
  explicit State(FakeLog& log) : log(log) {}

  FakeLog& log;
  absl::Mutex mutex;
  std::map<std::string, v1::User> users ABSL_GUARDED_BY(mutex);
  std::map<std::string, std::string> passwords ABSL_GUARDED_BY(mutex);
  std::map<std::string, std::string> sessions ABSL_GUARDED_BY(mutex);
  std::vector<v1::Photo> photos ABSL_GUARDED_BY(mutex);
  std::map<std::string, std::string> bytes ABSL_GUARDED_BY(mutex);
  std::vector<v1::Comment> comments ABSL_GUARDED_BY(mutex);
  std::set<std::pair<std::string, std::string>> likes ABSL_GUARDED_BY(mutex);
  std::set<std::pair<std::string, std::string>> follows ABSL_GUARDED_BY(mutex);
  std::map<std::string, std::size_t> first_results ABSL_GUARDED_BY(mutex);
  int next_token ABSL_GUARDED_BY(mutex) = 1;

  // Runs `work` around the faults a test ordered; with the state locked.
  template <typename Work>
  grpc::Status Serve(const std::string& method, Work work) {
    FakeLog::Fault fault;
    {
      absl::MutexLock lock(&log.mutex);
      ++log.calls[method];
      const auto ordered = log.faults.find(method);
      if (ordered != log.faults.end()) {
        fault = ordered->second;
        if (--ordered->second.times == 0) log.faults.erase(ordered);
      }
    }
    if (!fault.status.ok() && !fault.after) return fault.status;
    absl::MutexLock lock(&mutex);
    const grpc::Status status = work();
    return fault.status.ok() ? status : fault.status;
  }

  grpc::Status Caller(const grpc::ServerContext& context,
                      std::string& user) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    const auto header = context.client_metadata().find("authorization");
    if (header != context.client_metadata().end()) {
      const std::string value(header->second.data(), header->second.size());
      const auto session = sessions.find(value.substr(7));
      if (session != sessions.end()) {
        user = session->second;
        return grpc::Status::OK;
      }
    }
    return {grpc::StatusCode::UNAUTHENTICATED, "no valid session"};
  }

  // The index of the first result of `request_id`, else `fresh`, now its own.
  std::size_t FirstResult(const std::string& request_id, std::size_t fresh)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    absl::MutexLock lock(&log.mutex);
    log.request_ids.push_back(request_id);
    return first_results.emplace(request_id, fresh).first->second;
  }

  v1::Photo* Find(const std::string& name)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    for (v1::Photo& photo : photos) {
      if (photo.name() == name) return &photo;
    }
    return nullptr;
  }

  // The page of `all` that the request asks for.
  template <typename T, typename Request, typename Response, typename Add>
  static void Page(const std::vector<T>& all, const Request& request,
                   Response& response, Add add) {
    const std::size_t start =
        request.page_token().empty() ? 0 : std::stoul(request.page_token());
    const std::size_t end =
        std::min<std::size_t>(all.size(), start + request.page_size());
    for (std::size_t i = start; i < end; ++i) *add(response) = all[i];
    if (end < all.size()) response.set_next_page_token(std::to_string(end));
  }
};

}  // namespace pinhole::client
