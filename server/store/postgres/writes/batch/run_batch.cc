// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/writes/batch/run_batch.h"

#include <concepts>
#include <cstdlib>
#include <utility>
#include <variant>

#include "base/status_macros.h"
#include "server/store/postgres/db/postgres_error.h"
#include "server/store/postgres/writes/batch/decide.h"
#include "server/store/postgres/writes/draft/draft.h"

namespace pinhole::postgres {
namespace {

using Results = std::vector<absl::StatusOr<CommandResult>>;

// For a command alone, which can conflict with other servers only.
constexpr int kTries = 3;

template <typename C>
concept Batched = requires(Draft& draft, const C& command) {
  Decide(draft, command);
};

void WantAny(Draft& draft, const Command& command) {
  std::visit(
      [&draft]<typename C>(const C& c) {
        if constexpr (Batched<C>) Want(draft, c);
      },
      command);
}

absl::StatusOr<CommandResult> DecideAny(Draft& draft, const Command& command) {
  return std::visit(
      [&draft]<typename C>(const C& c) -> absl::StatusOr<CommandResult> {
        if constexpr (Batched<C>) {
          auto result = Decide(draft, c);
          if (!result.ok()) return std::move(result).status();
          return CommandResult(*std::move(result));
        } else {
          std::abort();
        }
      },
      command);
}

// Whether the command repeats a request that succeeded.
bool IsRepeated(const Draft& draft, const Command& command) {
  return std::visit(
      [&draft]<typename C>(const C& c) {
        if constexpr (requires { c.request; }) {
          return draft.requests.Find(c.request).value_or(0) != 0;
        }
        return false;
      },
      command);
}

// Loads what `attempts` concern.
absl::Status Load(Draft& draft, Lane::Attempts attempts) {
  for (const std::shared_ptr<Attempt>& attempt : attempts) {
    WantAny(draft, attempt->command());
  }
  return draft.Load();
}

// An error fails the batch; the error of a command is its result.
absl::StatusOr<Results> Apply(WriteTransaction& transaction,
                              Lane::Attempts attempts) {
  auto draft = std::make_unique<Draft>(transaction);
  RETURN_IF_ERROR(Load(*draft, attempts));
  Results results;
  std::size_t first = 0;  // Of the commands whose changes are in the draft.
  for (std::size_t i = 0; i < attempts.size(); ++i) {
    const Command& command = attempts[i]->command();
    if (IsRepeated(*draft, command) && i > first) {
      // Its result is read from the database and includes what the commands
      // before it changed.  Repetitions are rare.
      draft->Save();
      RETURN_IF_ERROR(transaction.pipeline.Flush().status());
      draft = std::make_unique<Draft>(transaction);
      RETURN_IF_ERROR(Load(*draft, attempts.subspan(i)));
      first = i;
    }
    results.push_back(DecideAny(*draft, command));
    if (!SqlStateOf(results.back().status()).empty()) {
      return results.back().status();
    }
  }
  draft->Save();
  return results;
}

// Answers the commands if they are committed.
absl::Status TryAll(Lane& lane, Lane::Attempts attempts, int tries) {
  Results results;
  RETURN_IF_ERROR(lane.Run(attempts, tries, [&](WriteTransaction& transaction) {
    ASSIGN_OR_RETURN(results, Apply(transaction, attempts));
    return absl::OkStatus();
  }));
  for (std::size_t i = 0; i < attempts.size(); ++i) {
    attempts[i]->Answer(std::move(results[i]));
  }
  return absl::OkStatus();
}

// Whether the command is done with.
bool RunAlone(Lane& lane, const std::shared_ptr<Attempt>& attempt) {
  if (attempt->dropped()) return true;
  const absl::Status status = TryAll(lane, {&attempt, 1}, kTries);
  if (IsConflict(status) && attempt->can_wait()) return false;
  if (!status.ok()) attempt->Answer(status);
  return true;
}

}  // namespace

bool IsBatched(const Command& command) {
  return std::visit([]<typename C>(const C&) { return Batched<C>; }, command);
}

std::vector<std::shared_ptr<Attempt>> RunBatch(
    Lane& lane, std::vector<std::shared_ptr<Attempt>> attempts) {
  absl::Status status = absl::CancelledError();
  while (absl::IsCancelled(status)) {
    std::erase_if(attempts, [](const auto& a) { return a->dropped(); });
    if (attempts.empty()) return {};
    status = TryAll(lane, attempts, /*tries=*/1);
  }
  if (status.ok()) return {};
  // With a full disk or a closed store the commands would fail alone, too.
  const bool hopeless = absl::IsResourceExhausted(status) ||
                        absl::IsDataLoss(status) || IsConnectionLost(status) ||
                        absl::IsUnavailable(status);
  if (hopeless && !IsConflict(status)) {
    for (const std::shared_ptr<Attempt>& attempt : attempts) {
      attempt->Answer(status);
    }
    return {};
  }
  std::erase_if(attempts, [&](const auto& a) { return RunAlone(lane, a); });
  return attempts;
}

}  // namespace pinhole::postgres
