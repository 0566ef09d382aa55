// SPDX-License-Identifier: Apache-2.0

#include "tests/faults/disk/plan.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <sstream>

namespace pinhole::faults {
namespace {

int ErrnoNamed(const std::string& name) {
  if (name == "ENOSPC") return ENOSPC;
  if (name == "EIO") return EIO;
  if (name == "EROFS") return EROFS;
  fprintf(stderr, "fault plan: unknown error '%s'\n", name.c_str());
  abort();
}

bool IsChange(std::string_view operation) {
  return operation != "sql" && operation != "checkpoint" &&
         operation != "read" && operation != "look" && operation != "open";
}

[[noreturn]] void Die() {
  syscall(SYS_kill, getpid(), SIGKILL);
  while (true) pause();
}

// By system calls: those of the C library come back to us.
std::string Contents(const char* path) {
  std::string text;
  const long file = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return text;
  char bytes[4096];
  long got = 0;
  while ((got = syscall(SYS_read, file, bytes, sizeof(bytes))) > 0) {
    text.append(bytes, static_cast<std::size_t>(got));
  }
  syscall(SYS_close, file);
  return text;
}

}  // namespace

bool Plan::Rule::Matches(std::string_view done,
                         const std::string& subject) const {
  const bool any_sync = operation == "sync" && done.ends_with("sync");
  const bool any_change = operation == "change" && IsChange(done);
  return (any_sync || any_change || operation == done) &&
         fnmatch(pattern.c_str(), subject.c_str(), 0) == 0;
}

int Plan::Before(std::string_view operation, const std::string& subject) {
  Refresh();
  int error = 0;
  for (Rule& rule : rules_) {
    if (!rule.Matches(operation, subject)) continue;
    ++rule.matches;
    if (rule.action == "kill-before" && rule.matches == rule.turn) Die();
    if (rule.action == "fail") error = rule.error;
  }
  return error;
}

void Plan::After(std::string_view operation, const std::string& subject) {
  for (const Rule& rule : rules_) {
    if (rule.action == "kill-after" && rule.matches == rule.turn &&
        rule.Matches(operation, subject)) {
      Die();
    }
  }
}

bool Plan::Forgets(std::string_view operation, const std::string& subject) {
  return Has("forget", operation, subject);
}

bool Plan::Stalls(std::string_view operation, const std::string& subject) {
  Refresh();
  return Has("stall", operation, subject);
}

bool Plan::Has(std::string_view action, std::string_view operation,
               const std::string& subject) const {
  for (const Rule& rule : rules_) {
    if (rule.action == action && rule.Matches(operation, subject)) return true;
  }
  return false;
}

void Plan::Refresh() {
  if (path_ == nullptr) return;
  struct stat now {};
  if (stat(path_, &now) != 0) return;
  const bool same = now.st_ino == loaded_.st_ino &&
                    now.st_mtim.tv_sec == loaded_.st_mtim.tv_sec &&
                    now.st_mtim.tv_nsec == loaded_.st_mtim.tv_nsec;
  if (same) return;
  loaded_ = now;
  Load();
}

void Plan::Load() {
  rules_.clear();
  std::istringstream lines(Contents(path_));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    Rule rule;
    std::string argument;
    std::getline(fields, rule.action, '\t');
    std::getline(fields, rule.operation, '\t');
    std::getline(fields, rule.pattern, '\t');
    std::getline(fields, argument, '\t');
    if (rule.action == "fail") rule.error = ErrnoNamed(argument);
    if (rule.action.starts_with("kill")) rule.turn = std::stoi(argument);
    rules_.push_back(rule);
  }
}

}  // namespace pinhole::faults
