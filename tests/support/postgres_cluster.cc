// SPDX-License-Identifier: Apache-2.0

#include "tests/support/postgres_cluster.h"

#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "fmt/format.h"
#include "server/store/postgres/db/connection.h"

namespace pinhole::testing {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void Fail(const std::string& message) {
  fmt::print(stderr, "PostgreSQL for tests: {}\n", message);
  std::abort();
}

fs::path FindPrograms() {
  if (const char* const folder = std::getenv("PINHOLE_POSTGRES_BIN")) {
    return folder;
  }
  const fs::path root = "/usr/lib/postgresql";
  int newest = 0;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator(root, missing)) {
    newest = std::max(newest, std::atoi(entry.path().filename().c_str()));
  }
  if (newest == 0) {
    Fail("not installed; `script/setup test` installs it");
  }
  return root / std::to_string(newest) / "bin";
}

// Starts a program with its output in the file `log`.  PostgreSQL refuses to
// run as root.
pid_t Start(std::vector<std::string> command, const fs::path& log) {
  std::vector<std::string> words = {"setpriv", "--pdeathsig", "QUIT"};
  if (geteuid() == 0) {
    words.insert(words.end(),
                 {"--reuid=postgres", "--regid=postgres", "--clear-groups"});
  }
  words.insert(words.end(), command.begin(), command.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const pid_t process = fork();
  if (process != 0) return process;
  const int file = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  const int nothing = open("/dev/null", O_RDONLY);
  dup2(nothing, STDIN_FILENO);
  dup2(file, STDOUT_FILENO);
  dup2(file, STDERR_FILENO);
  // Ctrl-C ends the test, and that ends the server.
  setpgid(0, 0);
  execvp(arguments[0], arguments.data());
  _exit(127);
}

std::string Read(const fs::path& file) {
  std::string text;
  if (FILE* const stream = std::fopen(file.c_str(), "r")) {
    char block[4096];
    while (const std::size_t size = std::fread(block, 1, sizeof(block), stream))
      text.append(block, size);
    std::fclose(stream);
  }
  return text;
}

}  // namespace

PostgresCluster& PostgresCluster::Shared() {
  static PostgresCluster cluster;
  return cluster;
}

PostgresCluster::PostgresCluster(const std::vector<std::string>& settings)
    : bin_(FindPrograms()) {
  if (geteuid() == 0) {
    const passwd* const user = getpwnam("postgres");
    if (user == nullptr) Fail("there is no user `postgres`");
    if (chown(dir_.path().c_str(), user->pw_uid, user->pw_gid) != 0) {
      Fail("cannot change the owner of " + dir_.path().string());
    }
  }
  const fs::path data = dir_.path() / "data";
  const fs::path log = dir_.path() / "initdb.log";
  const pid_t initdb = pinhole::testing::Start(
      {bin_ / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E",
       "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"},
      log);
  int status = -1;
  if (waitpid(initdb, &status, 0) != initdb || status != 0) {
    Fail("initdb failed:\n" + Read(log));
  }
  FILE* const conf = std::fopen((data / "postgresql.conf").c_str(), "a");
  fmt::print(conf,
             "listen_addresses = ''\n"
             "unix_socket_directories = '{}'\n"
             "max_connections = 200\n"
             "shared_buffers = 64MB\n"
             "fsync = off\n"
             "full_page_writes = off\n",
             dir_.path().string());
  for (const std::string& setting : settings) {
    fmt::print(conf, "{}\n", setting);
  }
  std::fclose(conf);
  Start();
}

PostgresCluster::~PostgresCluster() { Crash(); }

void PostgresCluster::Spawn() {
  process_ =
      pinhole::testing::Start({bin_ / "postgres", "-D", dir_.path() / "data"},
                              dir_.path() / "postgres.log");
}

void PostgresCluster::Start() {
  const auto give_up =
      std::chrono::steady_clock::now() + std::chrono::seconds(60);
  Spawn();
  for (;;) {
    const auto connection = postgres::Connection::Open(
        {.uri = Uri("postgres"), .kind = postgres::ConnectionKind::kDiagnosis});
    if (connection.ok()) return;
    // A new server refuses to start until all processes of a crashed one have
    // ended.
    if (waitpid(process_, nullptr, WNOHANG) == process_) Spawn();
    if (std::chrono::steady_clock::now() > give_up) {
      Fail(fmt::format("did not start: {}\n{}",
                       std::string(connection.status().message()),
                       Read(dir_.path() / "postgres.log")));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

void PostgresCluster::BecomeStandby() {
  Crash();
  // PostgreSQL opens the file for writing.
  const fs::path signal = dir_.path() / "data" / "standby.signal";
  close(open(signal.c_str(), O_WRONLY | O_CREAT, 0666));
  fs::permissions(signal, static_cast<fs::perms>(0666));
  Start();
}

void PostgresCluster::Crash() {
  if (process_ < 0) return;
  kill(process_, SIGQUIT);
  waitpid(process_, nullptr, 0);
  process_ = -1;
}

std::string PostgresCluster::CreateDatabase(std::string_view template_name) {
  const std::string name = fmt::format("test{}", ++databases_);
  Run("postgres",
      fmt::format("CREATE DATABASE {} TEMPLATE {}", name, template_name));
  return name;
}

void PostgresCluster::DropDatabase(const std::string& name) {
  Run("postgres", fmt::format("DROP DATABASE {} WITH (FORCE)", name));
}

std::string PostgresCluster::Uri(std::string_view database) const {
  return fmt::format("postgres://postgres@/{}?host={}", database,
                     dir_.path().string());
}

void PostgresCluster::Run(std::string_view database, const std::string& sql) {
  auto connection = postgres::Connection::Open(
      {.uri = Uri(database), .kind = postgres::ConnectionKind::kWriter});
  absl::Status status = connection.status();
  if (status.ok()) status = (*connection)->Execute(sql);
  if (!status.ok()) {
    Fail(fmt::format("{}: {}", sql, std::string(status.message())));
  }
}

}  // namespace pinhole::testing
