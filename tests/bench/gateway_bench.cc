// SPDX-License-Identifier: Apache-2.0

// The gateway beside what bounds it.  In a process of its own it stands before
// the bare gRPC server (echo_server.cc), and so does the bare proxy; inside the
// server it stands beside a bare handler.  All on loopback.

#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "fmt/format.h"
#include "gateway/rules/router.h"
#include "pinhole/v1/photo_service.pb.h"
#include "tests/bench/folder.h"
#include "tests/bench/http_load.h"
#include "tests/bench/load.h"
#include "tests/bench/process.h"
#include "tests/bench/rounds.h"
#include "tests/bench/town.h"
#include "tests/bench/transfer.h"

namespace pinhole::bench {
namespace {

namespace fs = std::filesystem;

constexpr int kConnections = 64;
constexpr int kPeople = 400;  // One may have 16 event streams open.
const std::string kGetPhoto = "/pinhole.v1.PhotoService/GetPhoto";
const std::string kHttp = "HTTP listening on ";

// What is asked of the real server.
struct Town {
  std::vector<std::string> authorizations;
  std::vector<std::string> gets;  // GET of some photo by somebody.
};

Town FillTown(const Rounds& rounds, const fs::path& folder) {
  const std::unique_ptr<SqliteStore> store = OpenStore(folder);
  const std::vector<UserId> people = AddPeople(*store, "person", kPeople);
  const std::vector<PhotoId> photos =
      AddPhotos(*store, people, rounds.Sized(10'000, 500));
  Town town;
  for (const std::string& token : SignIn(*store, people)) {
    town.authorizations.push_back("Bearer " + token);
  }
  for (std::size_t i = 0; i < photos.size(); ++i) {
    town.gets.push_back(
        HttpGet(fmt::format("/v1/photos/{}", photos[i].value),
                town.authorizations[i % town.authorizations.size()]));
  }
  return town;
}

// Every process that takes part, and where its parts lie.
class Cast {
 public:
  Cast(const Rounds& rounds, const fs::path& bin, const fs::path& folder)
      : bin_(bin),
        folder_(folder),
        socket_("unix:" + (folder / "echo").string()),
        town_(FillTown(rounds, folder / "data")),
        echo({bin / "echo_server", socket_}, folder / "echo.log"),
        proxy({bin / "bare_proxy", echo_target()}, folder / "proxy.log"),
        unix_proxy({bin / "bare_proxy", socket_}, folder / "proxy.log"),
        handler({bin / "bare_handler"}, folder / "handler.log"),
        gateway(GatewayTo(echo_target()), folder / "gateway.log"),
        unix_gateway(GatewayTo(socket_), folder / "gateway.log"),
        server(ServerCommand(rounds), folder / "server.log"),
        server_gateway(GatewayTo(server.After("gRPC listening on ")),
                       folder / "gateway.log") {}

  std::string echo_target() const { return echo.After("gRPC listening on "); }
  const Town& town() const { return town_; }

 private:
  std::vector<std::string> GatewayTo(const std::string& backend) const {
    return {bin_ / "pinhole-gateway",
            "--backend",
            backend,
            "--http-listen",
            "127.0.0.1:0",
            "--metrics-listen",
            "off"};
  }
  std::vector<std::string> ServerCommand(const Rounds& rounds) const {
    std::vector<std::string> command = {
        rounds.server(), "--data-dir", folder_ / "data", "--grpc-listen",
        "127.0.0.1:0", "--http-listen", "127.0.0.1:0", "--metrics-listen",
        "off",
        // Else the callers of the gateway would be limited.
        "--address-rate", "0", "--user-rate", "0"};
    command.insert(command.end(), rounds.server_options().begin(),
                   rounds.server_options().end());
    return command;
  }

  const fs::path bin_;
  const fs::path folder_;
  const std::string socket_;
  const Town town_;

 public:
  const Process echo;
  const Process proxy;
  const Process unix_proxy;
  const Process handler;
  const Process gateway;         // In front of the echo.
  const Process unix_gateway;    // The same over a Unix socket.
  const Process server;          // The real one, with the gateway inside.
  const Process server_gateway;  // In front of the real one.
};

// Notes rate, latency and the CPU time of `process` a call.
void MeasureUnary(Rounds& rounds, const std::string& name,
                  const Process& process, const HttpLoad::Aim& aim) {
  if (!rounds.Wants(name) && !rounds.Wants("unary")) return;
  HttpLoad load(process.After(kHttp), kConnections);
  load.Closed(rounds.visit() / 4, aim);
  const absl::Duration before = process.CpuTime();
  const Hits hits = load.Closed(rounds.visit(), aim);
  const absl::Duration cpu = process.CpuTime() - before;
  rounds.Note(name, "calls/s", hits.PerSecond());
  rounds.Note(name + ", p99", "us", Percentile(hits.ok_us, 0.99));
  rounds.Note(
      name + ", CPU", "us/call",
      absl::ToDoubleMicroseconds(cpu) / static_cast<double>(hits.all()));
  rounds.Note(name + ", errors", "calls",
              static_cast<double>(hits.all() - hits.ok));
}

// One call at a time, by way of the gateway and without.
void MeasureLatency(Rounds& rounds, const Cast& cast, const std::string& get) {
  if (!rounds.Wants("one connection")) return;
  v1::GetPhotoRequest request;
  request.set_name("photos/1");
  const grpc::ByteBuffer bytes = Serialize(request);
  const std::string token = "Bearer none";
  Load direct(cast.echo_target(), 1);
  HttpLoad through(cast.gateway.After(kHttp), 1);
  const Hits alone = direct.Closed(1, rounds.visit(), [&](std::int64_t) {
    return Request{&kGetPhoto, &bytes, &token};
  });
  const Hits by_http =
      through.Closed(rounds.visit(), [&](std::int64_t) { return &get; });
  for (const auto& [name, share] :
       {std::pair("p50", 0.5), std::pair("p99", 0.99)}) {
    rounds.Note(fmt::format("gRPC, one connection, {}", name), "us",
                Percentile(alone.ok_us, share));
    rounds.Note(fmt::format("gateway, one connection, {}", name), "us",
                Percentile(by_http.ok_us, share));
  }
}

void MeasureTransfers(Rounds& rounds, const Cast& cast) {
  if (!rounds.Wants("10 MiB")) return;
  GrpcTransfer direct(cast.echo_target());
  HttpTransfer through(cast.gateway.After(kHttp));
  const double before = cast.gateway.ResidentMebibytes();
  rounds.Note("gRPC, upload of 10 MiB", "MiB/s", direct.Upload(rounds.visit()));
  rounds.Note("gateway, upload of 10 MiB", "MiB/s",
              through.Upload(rounds.visit()));
  rounds.Note("gRPC, download of 10 MiB", "MiB/s",
              direct.Download(rounds.visit()));
  rounds.Note("gateway, download of 10 MiB", "MiB/s",
              through.Download(rounds.visit()));
  rounds.Note("gateway, growth by files of 10 MiB", "MiB",
              cast.gateway.PeakMebibytes() - before);
}

// Clients that watch a feed in which nothing happens, and calls meanwhile.
void MeasureStreams(Rounds& rounds, const Cast& cast,
                    const HttpLoad::Aim& get_photo) {
  if (!rounds.Wants("event stream")) return;
  const int clients = rounds.Sized(5000, 100);
  const Town& town = cast.town();
  const std::string address = cast.server_gateway.After(kHttp);
  HttpLoad load(address, 16);
  load.Closed(rounds.visit() / 4, get_photo);
  const double before = cast.server_gateway.AnonymousMebibytes();
  std::vector<HttpConnection> watchers;
  for (int i = 0; i < clients; ++i) {
    const auto who = static_cast<std::size_t>(i) % town.authorizations.size();
    watchers.emplace_back(address);
    watchers.back().Send(HttpGet("/v1/feed:watch", town.authorizations[who],
                                 "Accept: text/event-stream\r\n"));
  }
  int held = 0;
  for (HttpConnection& watcher : watchers) held += watcher.ReadHead() == 200;
  const double grown = cast.server_gateway.AnonymousMebibytes() - before;
  const Hits hits = load.Closed(rounds.visit(), get_photo);
  rounds.Note("event stream clients held", "clients", held);
  rounds.Note("an idle event stream client", "KiB", grown * 1024 / clients);
  rounds.Note("calls beside event stream clients", "calls/s", hits.PerSecond());
  rounds.Note("calls beside event stream clients, errors", "calls",
              static_cast<double>(hits.all() - hits.ok));
}

// 200 rules like those of a real API.
std::unique_ptr<gateway::Router> MakeRouter() {
  std::vector<gateway::Route> routes;
  const auto add = [&routes](const char* method, std::string path) {
    gateway::Route route;
    route.method = v1::Photo::descriptor()->file()->service(0)->method(0);
    route.http_method = method;
    route.template_text = std::move(path);
    route.path = gateway::ParsePathTemplate(route.template_text).value();
    routes.push_back(std::move(route));
  };
  for (int i = 0; i < 40; ++i) {
    add("GET", fmt::format("/v1/{{name=things{}/*}}", i));
    add("GET", fmt::format("/v1/things{}", i));
    add("POST", fmt::format("/v1/{{name=things{}/*}}:close", i));
    add("GET", fmt::format("/v1/{{parent=things{}/*}}/parts", i));
    add("DELETE", fmt::format("/v1/{{name=things{}/*/parts/*}}", i));
  }
  return gateway::Router::Build(std::move(routes)).value();
}

void MeasureRouting(Rounds& rounds, const gateway::Router& router) {
  if (!rounds.Wants("routing")) return;
  std::vector<std::pair<std::string, std::string>> asked;
  for (int i = 0; i < 40; ++i) {
    asked.emplace_back("GET", fmt::format("/v1/things{}/12345", i));
    asked.emplace_back("GET", fmt::format("/v1/things{}", i));
    asked.emplace_back("POST", fmt::format("/v1/things{}/12345:close", i));
    asked.emplace_back("GET", fmt::format("/v1/things{}/12345/parts", i));
    asked.emplace_back("DELETE", fmt::format("/v1/things{}/1/parts/2", i));
  }
  std::int64_t found = 0;
  const absl::Time begin = absl::Now();
  do {
    for (const auto& [method, path] : asked) {
      const auto match = router.Find(method, path);
      if (!match.ok() || match->route == nullptr) std::abort();
      ++found;
    }
  } while (absl::Now() - begin < rounds.visit() / 4);
  rounds.Note("routing among 200 rules", "us",
              absl::ToDoubleMicroseconds(absl::Now() - begin) /
                  static_cast<double>(found));
}

std::vector<Claim> Claims() {
  return {
      {.path = "unary, own process, TCP, 64 connections",
       .figure = "gateway, TCP",
       .bound = "bare proxy, TCP",
       .at_least = 0.75},
      {.path = "unary, own process, Unix socket, 64 connections",
       .figure = "gateway, Unix socket",
       .bound = "bare proxy, Unix socket",
       .at_least = 0.75},
      {.path = "unary, inside the server, 64 connections",
       .figure = "gateway in the server",
       .bound = "bare handler",
       .at_least = 0.7},
      {.path = "added to gRPC, one connection, p50 (us)",
       .figure = "gateway, one connection, p50, added",
       .at_most = 250},
      {.path = "added to gRPC, one connection, p99 (us)",
       .figure = "gateway, one connection, p99, added",
       .at_most = 1000},
      {.path = "upload of 10 MiB",
       .figure = "gateway, upload of 10 MiB",
       .bound = "gRPC, upload of 10 MiB",
       .at_least = 0.8},
      {.path = "download of 10 MiB",
       .figure = "gateway, download of 10 MiB",
       .bound = "gRPC, download of 10 MiB",
       .at_least = 0.8},
      {.path = "the gateway's growth by them (MiB)",
       .figure = "gateway, growth by files of 10 MiB",
       .at_most = 4},
      {.path = "an idle event stream client (KiB)",
       .figure = "an idle event stream client",
       .at_most = 64},
      {.path = "event stream clients held",
       .figure = "event stream clients held",
       .at_least = 5000},
      {.path = "calls beside them that failed",
       .figure = "calls beside event stream clients, errors",
       .at_most = 0},
      {.path = "routing among 200 rules (us)",
       .figure = "routing among 200 rules",
       .at_most = 1},
  };
}

int Run(Rounds rounds, const fs::path& bin) {
  const Folder folder(rounds.folder());
  const Cast cast(rounds, bin, folder.path());
  const auto router = MakeRouter();
  const std::string get =
      HttpGet("/v1/photos/7301444403200000001", "Bearer none");
  const HttpLoad::Aim one = [&get](std::int64_t) { return &get; };
  const std::vector<std::string>& gets = cast.town().gets;
  const HttpLoad::Aim any = [&gets](std::int64_t n) {
    return &gets[static_cast<std::size_t>(n) * 7919 % gets.size()];
  };
  for (int round = 0; round < rounds.count(); ++round) {
    MeasureUnary(rounds, "bare proxy, TCP", cast.proxy, one);
    MeasureUnary(rounds, "gateway, TCP", cast.gateway, one);
    MeasureUnary(rounds, "bare proxy, Unix socket", cast.unix_proxy, one);
    MeasureUnary(rounds, "gateway, Unix socket", cast.unix_gateway, one);
    MeasureUnary(rounds, "bare handler", cast.handler, one);
    MeasureUnary(rounds, "gateway in the server", cast.server, any);
    MeasureLatency(rounds, cast, get);
    MeasureTransfers(rounds, cast);
    MeasureStreams(rounds, cast, any);
    MeasureRouting(rounds, *router);
  }
  for (const char* share : {"p50", "p99"}) {
    rounds.NoteDifference(
        fmt::format("gateway, one connection, {}, added", share),
        fmt::format("gateway, one connection, {}", share),
        fmt::format("gRPC, one connection, {}", share));
  }
  return rounds.Finish(Claims());
}

}  // namespace
}  // namespace pinhole::bench

int main(int argc, char** argv) {
  const auto bin = std::filesystem::path(argv[0]).parent_path();
  return pinhole::bench::Run({"gateway", argc, argv}, bin);
}
