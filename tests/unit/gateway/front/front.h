// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "fmt/format.h"
#include "gateway/http_server.h"
#include "gtest/gtest.h"
#include "pinhole/v1/photo_service.pb.h"
#include "pinhole/v1/social_service.pb.h"
#include "pinhole/v1/user_service.pb.h"
#include "tests/unit/gateway/fake_upstream.h"
#include "tests/unit/gateway/front/raw_client.h"

namespace pinhole::gateway {

// Keeps "METHOD route code" of every request.
class RecordingObserver final : public Observer {
 public:
  void Started(std::string_view) override {}
  void Finished(const AccessRecord& request) override {
    absl::MutexLock lock(&mutex_);
    seen_.push_back(
        fmt::format("{} {} {}", request.method, request.route, request.code));
  }
  std::string AwaitNumber(std::size_t number) {
    const auto enough = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      return seen_.size() >= number;
    };
    absl::MutexLock lock(&mutex_, absl::Condition(&enough));
    return seen_[number - 1];
  }

 private:
  absl::Mutex mutex_;
  std::vector<std::string> seen_ ABSL_GUARDED_BY(mutex_);
};

// The HTTP front over real sockets, before an upstream of the test's making.
class FrontTest : public ::testing::Test {
 protected:
  void SetUp() override { Restart(Limits()); }

  static HttpServer::Options DefaultOptions() {
    HttpServer::Options options;
    options.listen = "127.0.0.1:0";
    // By a message of each, since the linker drops files that nobody names.
    for (const auto* type : {v1::Photo::descriptor(), v1::User::descriptor(),
                             v1::Comment::descriptor()}) {
      options.services.push_back(type->file()->service(0)->full_name());
    }
    return options;
  }
  void Restart(Limits limits) {
    HttpServer::Options options = DefaultOptions();
    options.limits = limits;
    Restart(std::move(options));
  }
  void Restart(HttpServer::Options options) {
    server_ = nullptr;
    options.listen = "127.0.0.1:0";
    if (options.services.empty()) options.services = DefaultOptions().services;
    server_ =
        HttpServer::Start(std::move(options), upstream_, observer_).value();
  }
  const std::string& address() const { return server_->address(); }

  FakeUpstream upstream_;
  RecordingObserver observer_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace pinhole::gateway
