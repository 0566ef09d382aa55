// SPDX-License-Identifier: Apache-2.0

// The lab's own ceiling, and whether others measure the same.
//
// The ceiling is what its generator gets out of a gRPC server that does
// nothing, beside the barest asynchronous client that Debian's library makes.
// The others are ghz over gRPC and wrk over HTTP, with the same connections and
// the same call; what is not installed is left out.

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "boost/json.hpp"
#include "client/lab/load/fleet.h"
#include "fmt/format.h"
#include "pinhole/v1/photo_service.pb.h"
#include "tests/bench/folder.h"
#include "tests/bench/load.h"
#include "tests/bench/process.h"
#include "tests/bench/rounds.h"
#include "tests/bench/town.h"

namespace pinhole::bench {
namespace {

constexpr int kInFlight = 16;
const std::string kGetPhoto = "/pinhole.v1.PhotoService/GetPhoto";

bool Installed(const std::string& tool) {
  return std::system(fmt::format("command -v {} >/dev/null", tool).c_str()) ==
         0;
}

std::string OutputOf(const std::string& command) {
  std::string output;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return output;
  std::array<char, 4096> part;
  while (fgets(part.data(), part.size(), pipe) != nullptr) {
    output += part.data();
  }
  pclose(pipe);
  return output;
}

// The lab's closed loop of GetPhoto on `target`.
class LabLoad {
 public:
  LabLoad(const lab::Target& target, std::string photo,
          std::string authorization)
      : profile_(lab::ParseMix("photo=1").value()) {
    world_.photos = {std::move(photo)};
    world_.users = {"users/ansel"};
    world_.people = {lab::Person{.handle = "ansel",
                                 .password = "",
                                 .authorization = std::move(authorization)}};
    fleet_ = std::make_unique<lab::Fleet>(
        target, world_, profile_,
        lab::FleetOptions{.workers = 1, .connections = kInFlight, .seed = 1},
        stop_);
  }

  lab::Tally Run(absl::Duration time) {
    lab::LoadPlan plan;
    plan.users = kInFlight;
    plan.warmup = time / 4;
    plan.measure = time;
    plan.timeout = absl::Seconds(10);
    return fleet_->Run(plan, nullptr);
  }

 private:
  std::atomic<bool> stop_ = false;
  const lab::Profile profile_;
  lab::World world_;
  std::unique_ptr<lab::Fleet> fleet_;
};

void MeasureCeiling(Rounds& rounds, const std::string& echo) {
  v1::GetPhotoRequest request;
  request.set_name("photos/1");
  const grpc::ByteBuffer bytes = Serialize(request);
  const std::string token = "Bearer token";
  Load bare(echo, kInFlight);
  rounds.Note("bare client", "calls/s",
              bare.Closed(kInFlight, rounds.visit(),
                          [&](std::int64_t) {
                            return Request{&kGetPhoto, &bytes, &token};
                          })
                  .PerSecond());
  LabLoad lab({lab::Dialect::kGrpc, {echo}}, "photos/1", token);
  const lab::Tally tally = lab.Run(rounds.visit());
  rounds.Note("the lab", "calls/s", tally.AchievedPerSecond());
}

double P99(const lab::Tally& tally) {
  return absl::ToDoubleMicroseconds(tally.Total().response.Quantile(0.99));
}

void MeasureGhz(Rounds& rounds, const std::string& target,
                const std::string& photo) {
  const boost::json::value report = boost::json::parse(OutputOf(fmt::format(
      "ghz --insecure --call pinhole.v1.PhotoService/GetPhoto "
      "--connections {0} --concurrency {0} --duration {1}s "
      "-d '{{\"name\":\"{2}\"}}' -O json {3}",
      kInFlight, std::max(absl::ToDoubleSeconds(rounds.visit()), 1.0), photo,
      target)));
  rounds.Note("ghz", "calls/s", report.at("rps").to_number<double>());
  for (const auto& point : report.at("latencyDistribution").as_array()) {
    if (point.at("percentage").to_number<int>() != 99) continue;
    rounds.Note("ghz, p99", "us",
                point.at("latency").to_number<double>() / 1000);
  }
  LabLoad lab({lab::Dialect::kGrpc, {target}}, photo, "");
  const lab::Tally tally = lab.Run(rounds.visit());
  rounds.Note("the lab, beside ghz", "calls/s", tally.AchievedPerSecond());
  rounds.Note("the lab, beside ghz, p99", "us", P99(tally));
}

// A figure behind `label` in wrk's report.
double FigureOf(const std::string& report, const std::string& label) {
  const std::size_t at = report.find(label);
  if (at == std::string::npos) return 0;
  char* unit = nullptr;
  const double figure = std::strtod(report.c_str() + at + label.size(), &unit);
  const std::string_view text(unit);
  if (text.starts_with("us")) return figure;
  if (text.starts_with("ms")) return 1000 * figure;
  return text.starts_with("s") ? 1e6 * figure : figure;
}

void MeasureWrk(Rounds& rounds, const std::string& address,
                const std::string& photo) {
  const std::string report = OutputOf(fmt::format(
      "wrk -t1 -c{} -d{}s --latency http://{}/v1/{}", kInFlight,
      std::max(static_cast<int>(absl::ToInt64Seconds(rounds.visit())), 1),
      address, photo));
  rounds.Note("wrk", "requests/s", FigureOf(report, "Requests/sec:"));
  rounds.Note("wrk, p99", "us", FigureOf(report, "99%"));
  LabLoad lab({lab::Dialect::kHttp, {address}}, photo, "");
  const lab::Tally tally = lab.Run(rounds.visit());
  rounds.Note("the lab, beside wrk", "requests/s", tally.AchievedPerSecond());
  rounds.Note("the lab, beside wrk, p99", "us", P99(tally));
}

// A photo that everybody may see.
std::string FillTown(const std::filesystem::path& folder) {
  const std::unique_ptr<SqliteStore> store = OpenStore(folder);
  const auto photos = AddPhotos(*store, AddPeople(*store, "person", 1), 1);
  return fmt::format("photos/{}", photos.front().value);
}

int Run(Rounds rounds) {
  const Folder folder(rounds.folder());
  const std::string photo = FillTown(folder.path() / "data");
  const Process server({rounds.server(), "--data-dir", folder.path() / "data",
                        "--grpc-listen", "127.0.0.1:0", "--http-listen",
                        "127.0.0.1:0", "--metrics-listen", "off"},
                       folder.path() / "server.log");
  const Process echo({rounds.server().parent_path() / "echo_server"},
                     folder.path() / "echo.log");
  const bool ghz = Installed("ghz");
  const bool wrk = Installed("wrk");
  if (!ghz) rounds.Remark("ghz is not installed and was left out");
  if (!wrk) rounds.Remark("wrk is not installed and was left out");
  for (int i = 0; i < rounds.count(); ++i) {
    MeasureCeiling(rounds, echo.After("gRPC listening on "));
    if (ghz) MeasureGhz(rounds, server.After("gRPC listening on "), photo);
    if (wrk) MeasureWrk(rounds, server.After("HTTP listening on "), photo);
  }
  std::vector<Claim> claims = {{.path = "calls of the lab on an empty echo",
                                .figure = "the lab",
                                .bound = "bare client",
                                .at_least = 0.8}};
  for (const char* tool : {"ghz", "wrk"}) {
    if (!(std::string(tool) == "ghz" ? ghz : wrk)) continue;
    for (const char* what : {"", ", p99"}) {
      claims.push_back(
          {.path = fmt::format("the lab beside {}{}", tool, what),
           .figure = fmt::format("the lab, beside {}{}", tool, what),
           .bound = fmt::format("{}{}", tool, what),
           .at_least = 0.85});
      claims.push_back(claims.back());
      claims.back().at_least.reset();
      claims.back().at_most = 1.15;
    }
  }
  return rounds.Finish(claims);
}

}  // namespace
}  // namespace pinhole::bench

int main(int argc, char** argv) {
  return pinhole::bench::Run(pinhole::bench::Rounds("lab", argc, argv));
}
