// SPDX-License-Identifier: Apache-2.0

#include "client/lab/load/http_transport.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/time/clock.h"
#include "base/net/host_port.h"
#include "boost/asio/connect.hpp"
#include "boost/asio/io_context.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "boost/beast/core.hpp"
#include "boost/beast/http.hpp"
#include "fmt/format.h"
#include "google/protobuf/util/json_util.h"
#include "google/rpc/error_details.pb.h"

namespace pinhole::lab {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = boost::asio::ip::tcp;

constexpr std::uint64_t kMaxBodyBytes = 64 << 20;

// Its errors are about addresses; so is what we say.
absl::StatusOr<std::vector<tcp::endpoint>> Resolve(asio::io_context& context,
                                                   const std::string& target) {
  const auto address = ParseHostPort(target);
  if (!address) {
    return absl::InvalidArgumentError(
        fmt::format("'{}' must be HOST:PORT", target));
  }
  boost::system::error_code error;
  tcp::resolver resolver(context);
  const auto found =
      resolver.resolve(address->host, std::to_string(address->port), error);
  if (error) {
    return absl::UnavailableError(
        fmt::format("cannot find {}: {}", target, error.message()));
  }
  return std::vector<tcp::endpoint>(found.begin(), found.end());
}

Outcome Failure(absl::StatusCode code) {
  google::rpc::Status status;
  status.set_code(static_cast<int>(code));
  return FailureOf(status);
}

// A gateway answers errors with a google.rpc.Status; what stands in front of
// it need not.
Outcome OutcomeOf(const http::response<http::string_body>& response) {
  Outcome outcome;
  outcome.bytes = static_cast<std::int64_t>(response.body().size());
  if (http::to_status_class(response.result()) ==
      http::status_class::successful) {
    outcome.body = response.body();
    return outcome;
  }
  google::rpc::Status status;
  google::protobuf::util::JsonParseOptions lenient;
  lenient.ignore_unknown_fields = true;
  if (google::protobuf::util::JsonStringToMessage(response.body(), &status,
                                                  lenient)
          .ok() &&
      status.code() != 0) {
    return FailureOf(status);
  }
  outcome = Failure(absl::StatusCode::kUnknown);
  outcome.failure = fmt::format("HTTP {}", response.result_int());
  return outcome;
}

struct Errand {
  Request call;
  Transport::Done done;
  absl::Time begin;
  absl::Time deadline;
};

// One connection.  Lives as long as the transport.
class Line {
 public:
  using Idle = std::function<void(Line&)>;

  Line(asio::io_context& context, std::string host,
       std::vector<tcp::endpoint> endpoints, Idle idle)
      : stream_(context),
        host_(std::move(host)),
        endpoints_(std::move(endpoints)),
        idle_(std::move(idle)) {}

  void Run(Errand errand) {
    errand_ = std::move(errand);
    waited_ = absl::Now() - errand_->begin;
    request_ = {};
    const auto& method = errand_->call.method;
    const std::size_t space = method.find(' ');
    request_.version(11);
    request_.method_string(method.substr(0, space));
    request_.target(method.substr(space + 1));
    request_.set(http::field::host, host_);
    request_.set(http::field::user_agent, "pinhole-lab");
    if (!errand_->call.authorization.empty()) {
      request_.set(http::field::authorization, errand_->call.authorization);
    }
    if (!errand_->call.content_type.empty()) {
      request_.set(http::field::content_type, errand_->call.content_type);
    }
    if (!errand_->call.messages.empty()) {
      request_.body() = std::move(errand_->call.messages.front());
    }
    request_.prepare_payload();
    fresh_ = !connected_;
    Go();
  }

  void Cancel() {
    cancelled_ = true;
    stream_.cancel();
  }

 private:
  void Go() {
    stream_.expires_after(absl::ToChronoNanoseconds(
        std::max(errand_->deadline - absl::Now(), absl::ZeroDuration())));
    if (connected_) return Send();
    stream_.async_connect(endpoints_, [this](auto error, auto) {
      if (error) return Fail(error);
      connected_ = true;
      stream_.socket().set_option(tcp::no_delay(true), error);
      Send();
    });
  }

  void Send() {
    http::async_write(stream_, request_, [this](auto error, auto) {
      if (error) return Fail(error);
      parser_.emplace();
      parser_->body_limit(kMaxBodyBytes);
      if (request_.method() == http::verb::head) parser_->skip(true);
      http::async_read(stream_, buffer_, *parser_, [this](auto failed, auto) {
        if (failed) return Fail(failed);
        if (!parser_->get().keep_alive()) Close();
        Finish(OutcomeOf(parser_->get()));
      });
    });
  }

  void Fail(beast::error_code error) {
    Close();
    if (cancelled_) return Finish(Failure(absl::StatusCode::kCancelled));
    if (error == beast::error::timeout) {
      return Finish(Failure(absl::StatusCode::kDeadlineExceeded));
    }
    // A kept connection may be closed by the server just as it is used: one
    // that is new tells whether there is a server.
    if (!fresh_ && (!parser_ || !parser_->got_some())) {
      fresh_ = true;
      return Go();
    }
    Finish(Failure(absl::StatusCode::kUnavailable));
  }

  void Close() {
    beast::error_code ignored;
    stream_.socket().close(ignored);
    buffer_.clear();
    connected_ = false;
  }

  void Finish(Outcome outcome) {
    stream_.expires_never();
    outcome.waited = waited_;
    Transport::Done done = std::move(errand_->done);
    errand_.reset();
    parser_.reset();
    cancelled_ = false;
    idle_(*this);
    done(std::move(outcome));
  }

  beast::tcp_stream stream_;
  const std::string host_;
  const std::vector<tcp::endpoint> endpoints_;
  const Idle idle_;
  std::optional<Errand> errand_;
  absl::Duration waited_;  // The errand, before it came here.
  http::request<http::string_body> request_;
  std::optional<http::response_parser<http::string_body>> parser_;
  beast::flat_buffer buffer_;
  bool connected_ = false;
  bool fresh_ = false;
  bool cancelled_ = false;
};

}  // namespace

struct HttpTransport::State {
  struct Target {
    std::string name;
    absl::StatusOr<std::vector<tcp::endpoint>> endpoints;
  };

  void Run(Line& line, Errand errand) { line.Run(std::move(errand)); }

  void OnIdle(Line& line) {
    while (!waiting.empty()) {
      Errand errand = std::move(waiting.front());
      waiting.pop_front();
      if (errand.deadline <= absl::Now()) {
        errand.done(Failure(absl::StatusCode::kDeadlineExceeded));
        continue;
      }
      line.Run(std::move(errand));
      return;
    }
    idle.push_back(&line);
  }

  asio::io_context context{1};
  std::vector<Target> targets;
  std::size_t limit = 1;
  std::vector<std::unique_ptr<Line>> lines;
  std::deque<Line*> idle;  // In turn, so that every target has its share.
  std::deque<Errand> waiting;
  std::size_t next_target = 0;
};

HttpTransport::HttpTransport(const std::vector<std::string>& targets,
                             std::size_t connections)
    : state_(std::make_unique<State>()) {
  state_->limit = std::max<std::size_t>(connections, 1);
  for (const std::string& target : targets) {
    state_->targets.push_back({target, Resolve(state_->context, target)});
  }
}

HttpTransport::~HttpTransport() = default;

void HttpTransport::Start(std::size_t, Request call, absl::Duration timeout,
                          Done done) {
  State& state = *state_;
  const absl::Time now = absl::Now();
  Errand errand{std::move(call), std::move(done), now, now + timeout};
  if (!state.idle.empty()) {
    Line& line = *state.idle.front();
    state.idle.pop_front();
    return line.Run(std::move(errand));
  }
  if (state.lines.size() == state.limit) {
    state.waiting.push_back(std::move(errand));
    return;
  }
  const auto& target =
      state.targets[state.next_target++ % state.targets.size()];
  if (!target.endpoints.ok()) {
    Outcome outcome = Failure(absl::StatusCode::kUnavailable);
    outcome.failure = std::string(target.endpoints.status().message());
    asio::post(state.context, [done = std::move(errand.done),
                               outcome = std::move(outcome)]() mutable {
      done(std::move(outcome));
    });
    return;
  }
  state.lines.push_back(
      std::make_unique<Line>(state.context, target.name, *target.endpoints,
                             [&state](Line& line) { state.OnIdle(line); }));
  state.lines.back()->Run(std::move(errand));
}

void HttpTransport::Poll(absl::Time until) {
  asio::io_context& context = state_->context;
  if (context.stopped()) context.restart();
  if (context.poll() > 0) return;
  const absl::Duration wait = until - absl::Now();
  if (wait <= absl::ZeroDuration()) return;
  // A context without work would return at once.
  const auto busy = asio::make_work_guard(context);
  context.restart();
  if (context.run_one_for(absl::ToChronoNanoseconds(wait)) > 0) context.poll();
}

void HttpTransport::Cancel() {
  std::deque<Errand> waiting;
  waiting.swap(state_->waiting);
  for (Errand& errand : waiting) {
    errand.done(Failure(absl::StatusCode::kCancelled));
  }
  for (const auto& line : state_->lines) {
    if (std::find(state_->idle.begin(), state_->idle.end(), line.get()) ==
        state_->idle.end()) {
      line->Cancel();
    }
  }
}

absl::StatusOr<std::string> HttpGet(const std::string& url,
                                    absl::Duration timeout) {
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) {
    return absl::InvalidArgumentError(
        fmt::format("'{}' does not begin with http://", url));
  }
  const std::size_t slash = std::min(url.find('/', kScheme.size()), url.size());
  const std::string address =
      url.substr(kScheme.size(), slash - kScheme.size());
  Request call;
  call.method = "GET " + (slash < url.size() ? url.substr(slash) : "/");
  std::optional<Outcome> outcome;
  HttpTransport transport({address}, 1);
  transport.Start(0, std::move(call), timeout,
                  [&](Outcome answer) { outcome = std::move(answer); });
  while (!outcome) transport.Poll(absl::Now() + timeout);
  if (!outcome->ok()) {
    return absl::Status(outcome->code == absl::StatusCode::kDeadlineExceeded
                            ? outcome->code
                            : absl::StatusCode::kUnavailable,
                        fmt::format("GET {}: {}", url, outcome->failure));
  }
  return std::move(outcome->body);
}

}  // namespace pinhole::lab
