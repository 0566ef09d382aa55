// SPDX-License-Identifier: Apache-2.0

#include "server/app/profile.h"

namespace pinhole::app {
namespace {

constexpr char kGroup[] = "For measuring";

// An option with one of two values.
void AddWords(CliCommand app, const std::string& name,
              std::optional<bool>& value, const std::string& good,
              const std::string& naive, const std::string& help) {
  app.AddChoice<std::optional<bool>>(name, value,
                                     {{good, true}, {naive, false}}, help)
      .Group(kGroup);
}

}  // namespace

Profile Profile::Naive() {
  return {.reuse_connections = false,
          .wait_when_busy = false,
          .queue_writes = false,
          .cache_mib = 0,
          .pool_hashes = false};
}

std::vector<std::string> Profile::Warnings() const {
  std::vector<std::string> warnings;
  const auto warn = [&](bool good, const char* text) {
    if (!good) warnings.push_back(std::string(text) + " (for measuring only)");
  };
  warn(reuse_connections, "every operation opens a database connection");
  warn(wait_when_busy, "operations fail at once if the database is locked");
  warn(queue_writes, "every write commits alone, with a rollback journal");
  warn(cache_mib > 0, "nothing is cached");
  warn(pool_hashes, "passwords are hashed on the threads that process calls");
  return warnings;
}

ProfileFlags::ProfileFlags(CliCommand app) {
  app.AddChoice<bool>(
         "--profile", naive_, {{"default", false}, {"naive", true}},
         "Defaults for measurements: naive turns all optimizations off, with "
         "--connections per-operation, --busy fail, --writes direct, --hashing "
         "inline and --cache-mib 0. Explicit options take precedence")
      .Group(kGroup);
  AddWords(app, "--connections", reuse_connections_, "kept", "per-operation",
           "Whether connections to the database are kept open or opened for "
           "each operation");
  AddWords(app, "--busy", wait_when_busy_, "wait", "fail",
           "Reaction to a database locked by another connection: wait and "
           "retry, or fail with UNAVAILABLE");
  AddWords(app, "--writes", queue_writes_, "queued", "direct",
           "How writes are committed: queued commits many together with a "
           "write-ahead log, direct each one alone with a rollback journal");
  AddWords(app, "--hashing", pool_hashes_, "pool", "inline",
           "Where passwords are hashed: pool uses separate threads, inline the "
           "threads that process calls");
  app.Add("--cache-mib", cache_mib_,
          "Memory for the caches in MiB; 0 disables them [64]")
      .Range(0, 1 << 20);
}

Profile ProfileFlags::Resolve() const {
  Profile profile = naive_ ? Profile::Naive() : Profile();
  const auto override = [](const auto& flag, auto& value) {
    if (flag) value = *flag;
  };
  override(reuse_connections_, profile.reuse_connections);
  override(wait_when_busy_, profile.wait_when_busy);
  override(queue_writes_, profile.queue_writes);
  override(cache_mib_, profile.cache_mib);
  override(pool_hashes_, profile.pool_hashes);
  return profile;
}

}  // namespace pinhole::app
