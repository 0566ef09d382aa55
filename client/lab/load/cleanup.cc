// SPDX-License-Identifier: Apache-2.0

#include "client/lab/load/cleanup.h"

#include <algorithm>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/ascii.h"
#include "absl/synchronization/mutex.h"
#include "client/lab/load/caller.h"
#include "client/lab/load/calls.h"
#include "client/lab/load/world.h"
#include "fmt/format.h"
#include "pinhole/v1/user_service.pb.h"

namespace pinhole::lab {
namespace {

// Each deletion hashes the password twice, which is what it waits for.
constexpr std::size_t kThreads = 4;

// Removes the hexadecimal digits at the front of `text`; returns whether there
// were at least one and at most `most`.
bool TakeHex(std::string_view& text, std::size_t most) {
  std::size_t digits = 0;
  while (digits < text.size() &&
         (absl::ascii_isdigit(static_cast<unsigned char>(text[digits])) ||
          (text[digits] >= 'a' && text[digits] <= 'f'))) {
    ++digits;
  }
  text.remove_prefix(digits);
  return digits > 0 && digits <= most;
}

bool TakeRun(std::string_view& text) {
  if (!text.starts_with(kRunPrefix)) return false;
  text.remove_prefix(kRunPrefix.size());
  return TakeHex(text, 8);
}

bool IsNumber(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c));
  });
}

absl::StatusOr<std::vector<std::string>> FindHandles(const Target& target,
                                                     const std::string& run) {
  const auto transport = Connect(target, 1);
  Caller caller(*transport, target.dialect);
  std::vector<std::string> handles;
  std::string page_token;
  do {
    const auto page = caller.Get<v1::SearchUsersResponse>(
        SearchUsers(target.dialect, run.empty() ? std::string(kRunPrefix) : run,
                    page_token));
    if (!page.ok()) return page.status();
    for (const v1::User& user : page->users()) {
      if (IsLabHandle(user.handle(), run)) handles.push_back(user.handle());
    }
    page_token = page->next_page_token();
  } while (!page_token.empty());
  return handles;
}

absl::Status DeleteAccount(Caller& caller, const std::string& handle) {
  const std::string password = LabPassword(handle);
  const auto session =
      caller.Get<v1::Session>(LogIn(caller.dialect(), handle, password));
  if (!session.ok()) return session.status();
  Request request = DeleteUser(caller.dialect(), handle, password);
  request.authorization = "Bearer " + session->token();
  return caller.Do(std::move(request)).status();
}

}  // namespace

bool IsLabHandle(std::string_view handle, std::string_view run) {
  std::string_view rest = handle;
  if (!TakeRun(rest)) return false;
  if (!run.empty() && handle.substr(0, handle.size() - rest.size()) != run) {
    return false;
  }
  if (rest.empty()) return false;
  const char kind = rest.front();
  rest.remove_prefix(1);
  if (kind == 'p') return IsNumber(rest);
  if (kind != 'n' || !TakeHex(rest, 4) || !rest.starts_with('x')) return false;
  return IsNumber(rest.substr(1));
}

absl::Status CheckRun(std::string_view run) {
  std::string_view rest = run;
  if (TakeRun(rest) && rest.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format(
      "'{}' is not the prefix of a run; it must be `{}` and up to 8 "
      "hexadecimal digits, as a run prints it",
      run, kRunPrefix));
}

absl::StatusOr<Cleanup> DeleteAccounts(const Target& target,
                                       const std::string& run,
                                       const std::atomic<bool>& stop) {
  const auto handles = FindHandles(target, run);
  if (!handles.ok()) return handles.status();
  absl::Mutex mutex;
  Cleanup cleanup;
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    const auto transport = Connect(target, 1);
    Caller caller(*transport, target.dialect);
    for (std::size_t i = next++; i < handles->size() && !stop; i = next++) {
      const absl::Status status = DeleteAccount(caller, (*handles)[i]);
      const absl::MutexLock lock(&mutex);
      if (status.ok()) {
        ++cleanup.deleted;
      } else if (absl::IsUnauthenticated(status)) {
        ++cleanup.foreign;
      } else if (++cleanup.failed == 1) {
        cleanup.failure = std::string(status.message());
      }
    }
  };
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < std::min(kThreads, handles->size()); ++i) {
    threads.emplace_back(work);
  }
  for (std::thread& thread : threads) thread.join();
  cleanup.stopped =
      cleanup.deleted + cleanup.foreign + cleanup.failed < handles->size();
  return cleanup;
}

}  // namespace pinhole::lab
