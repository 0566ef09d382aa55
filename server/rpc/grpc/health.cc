// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/grpc/health.h"

#include <functional>
#include <optional>
#include <utility>

#include "base/async/executor.h"
#include "base/errors.h"

namespace pinhole::rpc {

Health::Health(std::vector<std::string> services)
    : services_(services.begin(), services.end()) {}

void Health::AddTo(Registry& registry) {
  registry.Unary<Request, Response>("grpc.health.v1.Health.Check",
                                    [this](Call& call, const Request& request) {
                                      return Check(call, request);
                                    });
  registry.ServerStreaming<Request, Response>(
      "grpc.health.v1.Health.Watch",
      [this](Call& call, const Request& request, MessageWriter& responses) {
        return Watch(call, request, responses);
      });
}

template <typename T>
void Health::Set(T Health::*which, T value) {
  std::map<std::int64_t, Wake> woken;
  {
    absl::MutexLock lock(&mutex_);
    const bool uploads = uploads_;
    this->*which = value;
    const bool serving =
        wanted_ && !failed_ && !stalled_ && store_problem_ == nullptr;
    if (serving_ == serving && uploads_ == uploads) return;
    serving_ = serving;
    ++version_;
    woken.swap(waiters_);
  }
  for (auto& [waiter, wake] : woken) wake(true);
}

void Health::SetServing(bool serving) { Set(&Health::wanted_, serving); }

void Health::Fail() { Set(&Health::failed_, true); }

void Health::SetStalled(bool stalled) { Set(&Health::stalled_, stalled); }

void Health::SetStoreProblem(const char* reason) {
  Set(&Health::store_problem_, reason);
}

void Health::SetDurability(const char* text) {
  absl::MutexLock lock(&mutex_);
  durability_ = text;
}

void Health::SetUploads(bool possible) { Set(&Health::uploads_, possible); }

bool Health::serving() const {
  absl::MutexLock lock(&mutex_);
  return serving_;
}

Health::Response::ServingStatus Health::StatusOf(
    const std::string& service) const {
  const bool uploads = service == kUploads;
  if (!service.empty() && !uploads && services_.count(service) == 0) {
    return Response::SERVICE_UNKNOWN;
  }
  absl::MutexLock lock(&mutex_);
  return serving_ && (uploads_ || !uploads) ? Response::SERVING
                                            : Response::NOT_SERVING;
}

std::string_view Health::Why() const {
  absl::MutexLock lock(&mutex_);
  if (failed_) return "the disk failed";
  if (stalled_) return "the disk does not respond";
  if (store_problem_ != nullptr) return store_problem_;
  if (!wanted_) return "the server is starting or stopping";
  return "pictures cannot be decoded";
}

const char* Health::durability() const {
  absl::MutexLock lock(&mutex_);
  return durability_;
}

Task<absl::StatusOr<Health::Response>> Health::Check(Call& call,
                                                     const Request& request) {
  Response response;
  response.set_status(StatusOf(request.service()));
  if (response.status() == Response::SERVICE_UNKNOWN) {
    co_return MakeError(Reason::kServiceNotFound, "there is no such service");
  }
  if (response.status() == Response::NOT_SERVING) {
    call.trailers.emplace_back(kReason, Why());
  } else if (const char* const text = durability(); text != nullptr) {
    call.trailers.emplace_back(kDurability, text);
  }
  co_return response;
}

Task<absl::Status> Health::Watch(Call& call, const Request& request,
                                 MessageWriter& responses) {
  while (true) {
    const std::int64_t seen = version();
    Response response;
    response.set_status(StatusOf(request.service()));
    const absl::Status written = co_await responses.Write(response);
    if (!written.ok()) co_return written;
    const bool changed = co_await Change(seen, call.stop);
    if (!changed)
      co_return MakeError(Reason::kCancelled, "the watch has ended");
  }
}

std::int64_t Health::version() const {
  absl::MutexLock lock(&mutex_);
  return version_;
}

Task<bool> Health::Change(std::int64_t version, std::stop_token stop) {
  std::optional<std::stop_callback<std::function<void()>>> on_stop;
  auto start = [this, version, &stop, &on_stop](Wake wake) {
    std::int64_t waiter = 0;
    {
      absl::MutexLock lock(&mutex_);
      waiter = ++last_waiter_;
      waiters_.emplace(waiter, std::move(wake));
    }
    // After adding the waiter, so that a stop at any time finds it.
    on_stop.emplace(std::move(stop), [this, waiter] { Forget(waiter, false); });
    if (this->version() != version) Forget(waiter, true);
  };
  auto wait = FromCallback<bool>(std::move(start));
  co_return co_await wait;
}

void Health::Forget(std::int64_t waiter, bool changed) {
  Wake wake;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = waiters_.find(waiter);
    if (found == waiters_.end()) return;
    wake = std::move(found->second);
    waiters_.erase(found);
  }
  wake(changed);
}

}  // namespace pinhole::rpc
