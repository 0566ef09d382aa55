// SPDX-License-Identifier: Apache-2.0

#include "server/app/profile.h"

namespace pinhole::app {
namespace {

constexpr char kGroup[] = "For measuring";

// An option that is one of two words.
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
  warn(reuse_connections, "every operation opens a connection of its own");
  warn(wait_when_busy, "a database lock that is held is an error at once");
  warn(queue_writes, "every write commits alone, with a rollback journal");
  warn(cache_mib > 0, "nothing is cached");
  warn(pool_hashes, "passwords are hashed on the threads that answer calls");
  return warnings;
}

ProfileFlags::ProfileFlags(CliCommand app) {
  app.AddChoice<bool>(
         "--profile", naive_, {{"default", false}, {"naive", true}},
         "naive does everything the tutorial's way: all the words on "
         "the right below, and no cache")
      .Group(kGroup);
  AddWords(app, "--connections", reuse_connections_, "kept", "per-operation",
           "Connections to the database");
  AddWords(app, "--busy", wait_when_busy_, "wait", "fail",
           "When another connection holds the lock: wait and try again, or "
           "answer UNAVAILABLE");
  AddWords(app, "--writes", queue_writes_, "queued", "direct",
           "One writer that commits many together, with WAL; or each write "
           "alone, with a rollback journal");
  AddWords(app, "--hashing", pool_hashes_, "pool", "inline",
           "Where passwords are hashed");
  app.Add("--cache-mib", cache_mib_,
          "Memory for the caches, in MiB; 0 means none [64]")
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
