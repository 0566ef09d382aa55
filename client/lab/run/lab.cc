// SPDX-License-Identifier: Apache-2.0

#include "client/lab/run/lab.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "base/net/host_port.h"
#include "client/lab/load/http_transport.h"
#include "client/lab/observe/environment.h"
#include "client/lab/observe/instance.h"
#include "client/lab/observe/machine.h"
#include "client/lab/observe/resources.h"
#include "client/lab/run/step.h"
#include "fmt/format.h"

namespace pinhole::lab {
namespace {

constexpr absl::Duration kScrapeTimeout = absl::Seconds(2);
// The pause between steps lasts until the server's queues are empty, within
// these bounds.
constexpr absl::Duration kRest = absl::Milliseconds(500);
constexpr absl::Duration kLongestRest = absl::Seconds(15);
// The server's page for Prometheus, unless it is told otherwise.
constexpr std::uint16_t kMetricsPort = 9464;

double Seconds(absl::Duration duration) {
  return absl::ToDoubleSeconds(duration);
}

report::Config ConfigOf(const LabOptions& options) {
  report::Config config;
  for (const std::string& address : options.target.addresses) {
    config.add_targets(options.target.Url(address));
  }
  config.set_profile(options.profile.name);
  for (int i = 0; i < kOperations; ++i) {
    const auto operation = static_cast<Operation>(i);
    if (!options.profile.Has(operation)) continue;
    (*config.mutable_mix())[std::string(NameOf(operation))] =
        100 * options.profile.Share(operation);
  }
  config.set_think_seconds(Seconds(options.think));
  config.set_warmup_seconds(Seconds(options.warmup));
  config.set_measure_seconds(Seconds(options.measure));
  config.set_timeout_seconds(Seconds(options.timeout));
  config.set_arrivals(options.arrivals == Arrivals::kPoisson ? "poisson"
                                                             : "constant");
  config.set_connections(static_cast<std::uint32_t>(options.fleet.connections));
  config.set_workers(static_cast<std::uint32_t>(options.fleet.workers));
  config.set_max_in_flight(static_cast<std::uint32_t>(options.max_in_flight));
  config.set_people(static_cast<std::uint32_t>(options.survey.people));
  config.set_seed(static_cast<double>(options.fleet.seed));
  config.set_slo_p99_ms(absl::ToDoubleMilliseconds(options.slo.p99));
  config.set_slo_errors(options.slo.failure_share);
  config.set_arguments(options.arguments);
  config.set_metrics(options.metrics);
  return config;
}

}  // namespace

std::string MetricsUrlOf(const Target& target) {
  const std::string& address = target.addresses.front();
  if (address.starts_with("unix:")) {
    return fmt::format("http://127.0.0.1:{}/metrics", kMetricsPort);
  }
  auto metrics = ParseHostPort(address).value_or(HostPort{address});
  metrics.port = kMetricsPort;
  return fmt::format("http://{}/metrics", metrics.Text());
}

Lab::Lab(LabOptions options, const std::atomic<bool>& stop, OnSecond on_second)
    : options_(std::move(options)),
      stop_(stop),
      on_second_(std::move(on_second)),
      begin_(absl::Now()) {}

Lab::~Lab() {
  if (world_) Forget(*own_, options_.target.dialect, *world_);
}

absl::StatusOr<std::unique_ptr<Lab>> Lab::Open(LabOptions options,
                                               const std::string& command,
                                               const std::atomic<bool>& stop,
                                               OnSecond on_second) {
  std::unique_ptr<Lab> lab(
      new Lab(std::move(options), stop, std::move(on_second)));
  if (auto status = lab->SetUp(command); !status.ok()) return status;
  return lab;
}

absl::Status Lab::SetUp(const std::string& command) {
  SurveyOptions survey = options_.survey;
  if (options_.profile.Has(Operation::kLogin) && !options_.profile.is_story() &&
      !survey.sessions.empty()) {
    return absl::InvalidArgumentError(
        "--sessions cannot be used with a profile that logs in, because the "
        "file has no passwords; leave it out");
  }
  own_ = Connect(options_.target, 1);
  const auto page = Scrape();
  std::string doubt;
  if (page.ok()) {
    // Before anything is changed on the server.
    auto checked = CheckInstance(options_.target, *page, options_.metrics);
    if (!checked.ok()) return checked.status();
    doubt = *std::move(checked);
  }
  survey.seed_command = options_.target.seed_command;
  survey.pictures = options_.profile.Has(Operation::kUpload);
  // A story registers its own users.
  if (options_.profile.is_story()) survey.people = 0;
  auto world = Survey(*own_, options_.target.dialect, survey);
  if (!world.ok()) return world.status();
  world_ = *std::move(world);
  fleet_ = std::make_unique<Fleet>(options_.target, *world_, options_.profile,
                                   options_.fleet, stop_);
  report_.set_command(command);
  report_.set_start_time(
      absl::FormatTime(absl::RFC3339_sec, begin_, absl::UTCTimeZone()));
  *report_.mutable_config() = ConfigOf(options_);
  *report_.mutable_environment() =
      DescribeEnvironment(options_.target, page.ok() ? &*page : nullptr);
  if (!doubt.empty()) {
    report_.mutable_environment()->add_warnings(std::move(doubt));
  }
  if (page.ok()) {
    *report_.mutable_rows_before() = RowsOf(*page);
  } else if (!options_.metrics.empty()) {
    report_.mutable_environment()->add_warnings(fmt::format(
        "the server's metrics at {} cannot be read ({}), so the report cannot "
        "name the resource that limits the server; give their address with "
        "--metrics URL",
        options_.metrics, std::string(page.status().message())));
  }
  if (options_.target.addresses.size() > 1 && !options_.metrics.empty()) {
    report_.mutable_environment()->add_warnings(fmt::format(
        "the load goes to {} servers, but the server's figures are those of "
        "one, read at {}",
        options_.target.addresses.size(), options_.metrics));
  }
  return absl::OkStatus();
}

absl::StatusOr<MetricsPage> Lab::Scrape() const {
  if (options_.metrics.empty()) {
    return absl::UnavailableError("metrics are off");
  }
  const auto text = HttpGet(options_.metrics, kScrapeTimeout);
  if (!text.ok()) return text.status();
  return MetricsPage::Parse(*text);
}

Tally Lab::Measure(const LoadPlan& plan, report::Step& step) {
  Tally tally;
  absl::Notification over;
  std::thread load([&] {
    tally = fleet_->Run(plan,
                        [this](std::size_t second, const SecondTally& counted) {
                          live_.second = static_cast<int>(second) + 1;
                          live_.ok = counted.ok;
                          live_.errors = counted.errors;
                          live_.in_flight = counted.in_flight;
                          live_.p99 = counted.response.Quantile(0.99);
                          if (on_second_) on_second_(live_);
                        });
    over.Notify();
  });
  over.WaitForNotificationWithTimeout(plan.warmup);
  const absl::Time begin = absl::Now();
  const auto before = Scrape();
  const auto machine_before = ReadMachineTimes();
  over.WaitForNotificationWithTimeout(plan.measure - (absl::Now() - begin));
  const double seconds = Seconds(absl::Now() - begin);
  const auto machine_after = ReadMachineTimes();
  const auto after = Scrape();
  load.join();
  if (report_.environment().same_host() && machine_before && machine_after) {
    *step.mutable_machine() =
        MachineBetween(*machine_before, *machine_after, seconds);
  }
  if (before.ok() && after.ok()) {
    *step.mutable_resources() = ResourcesBetween(*before, *after, seconds);
  } else {
    step.mutable_resources()->set_error(std::string(
        (before.ok() ? after.status() : before.status()).message()));
  }
  return tally;
}

// A queue that is left over would count against the next step.
void Lab::Settle() const {
  const absl::Time patience = absl::Now() + kLongestRest;
  while (!stop_ && absl::Now() < patience) {
    absl::SleepFor(kRest);
    const auto page = Scrape();
    if (!page.ok() || (page->Sum("pinhole_write_queue_depth") == 0 &&
                       page->Sum("pinhole_password_hash_queue_depth") == 0)) {
      return;
    }
  }
}

Lab::Result Lab::Run(const Load& load) {
  LoadPlan plan{
      .users = load.users,
      .rate = load.rate,
      .arrivals = options_.arrivals,
      .think = options_.think,
      .warmup = load.keep_pace ? absl::ZeroDuration() : options_.warmup,
      .measure = load.measure,
      .timeout = options_.timeout,
      .max_in_flight = options_.max_in_flight,
      .hopeless_beyond = {},
      .seed = options_.fleet.seed};
  if (plan.rate > 0 && options_.profile.is_story()) {
    // The last operation of a story that thinks comes long after its first.
    plan.warmup +=
        options_.think * static_cast<double>(options_.profile.story.size() - 1);
  }
  if (load.give_up) plan.hopeless_beyond = options_.slo;
  live_ = {.purpose = load.purpose,
           .step = live_.step + 1,
           .users = load.users,
           .rate = load.rate,
           .seconds = static_cast<int>(absl::ToInt64Seconds(load.measure))};
  const absl::Time begin = absl::Now() + plan.warmup;
  report::Step measured;
  const Tally tally = Measure(plan, measured);
  accounts_left_ += tally.registered;
  Result result{.step = report_.add_steps(),
                .figures = FiguresOf(tally, options_.profile, load.users == 0),
                .verdict = {}};
  result.verdict = Judge(result.figures, options_.slo);
  report::Step& step = *result.step;
  step = DescribeStep(plan, options_.profile, tally);
  step.set_purpose(load.purpose);
  step.set_start_seconds(Seconds(begin - begin_));
  step.MergeFrom(measured);
  step.set_passed(result.verdict.passed);
  step.set_generator_limited(result.verdict.generator_limited);
  step.set_enough_samples(result.verdict.enough_samples);
  for (const Reason& reason : result.verdict.reasons) {
    step.add_reasons(reason.text);
  }
  for (const std::string& reason : result.verdict.generator_reasons) {
    step.add_reasons("the lab: " + reason);
  }
  figures_.push_back(result.figures);
  if (!load.stay) Settle();
  return result;
}

report::Report& Lab::Finish() {
  report_.set_seconds(Seconds(absl::Now() - begin_));
  report_.set_partial(stop_);
  if (const auto page = Scrape(); page.ok()) {
    *report_.mutable_rows_after() = RowsOf(*page);
  }
  return report_;
}

}  // namespace pinhole::lab
