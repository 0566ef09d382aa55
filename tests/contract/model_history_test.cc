// SPDX-License-Identifier: Apache-2.0

// Random histories: a store must answer as the model does.  The same questions
// are asked before and after each command, so that stale caches are noticed.

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <variant>

#include "absl/synchronization/blocking_counter.h"
#include "tests/contract/questions.h"
#include "tests/contract/random_commands.h"
#include "tests/contract/store_contract.h"
#include "tests/contract/text_of.h"
#include "tests/support/model_store/model_store.h"

namespace pinhole::testing {
namespace {

using Result = absl::StatusOr<CommandResult>;

// The order of a deleted user's file keys is unspecified.
Result Sorted(Result result) {
  if (!result.ok()) return result;
  if (auto* deleted = std::get_if<DeleteUser::Result>(&*result)) {
    std::sort(deleted->file_keys.begin(), deleted->file_keys.end());
  }
  return result;
}

class ModelHistory : public StoreContract {
 protected:
  // Commands that are submitted together: usually one; several form a batch.
  struct Write {
    Command command;
    WriteOptions options;
    Result result = absl::UnknownError("no answer");
  };
  struct Asked {
    int method;
    Topic topic;
  };

  static constexpr int kQuestions = 8;

  // Each returns false after a difference.
  bool Step(RandomCommands& random) {
    clock_.Advance(random.APause());
    std::vector<Write> writes(random.Pick(6) == 0 ? 2 + random.Pick(8) : 1);
    for (Write& write : writes) {
      write = Write{random.Next(), random.Options()};
    }
    std::vector<Asked> questions;
    for (int i = 0; i < kQuestions; ++i) {
      questions.push_back({random.Pick(kMethods), random.ATopic()});
    }
    if (!AgreeOn(questions)) return false;
    Submit(writes);
    return SameResults(writes, random) && AgreeOn(questions);
  }

  // Submits all writes without waiting, as far as their order is defined.
  void Submit(std::vector<Write>& writes) {
    for (auto begin = writes.begin(); begin != writes.end();) {
      const auto end = std::find_if(begin, writes.end(), [&](const Write& w) {
        return queue_of_(w.command) != queue_of_(begin->command);
      });
      SubmitAtOnce(std::span(begin, end));
      begin = end;
    }
  }

  void SubmitAtOnce(std::span<Write> writes) {
    absl::BlockingCounter answered(static_cast<int>(writes.size()));
    for (Write& write : writes) {
      store().Submit(write.command, write.options, [&](Result result) {
        write.result = Sorted(std::move(result));
        answered.DecrementCount();
      });
    }
    answered.Wait();
  }

  // Gives the same commands to the model.
  bool SameResults(const std::vector<Write>& writes, RandomCommands& random) {
    for (const Write& write : writes) {
      last_ = Text::Of(write.command);
      Result expected;
      model_.Submit(write.command, write.options, [&](Result result) {
        expected = Sorted(std::move(result));
      });
      EXPECT_EQ(Text::Of(write.result), Text::Of(expected)) << last_;
      if (HasFailure()) return false;
      if (!expected.ok()) continue;
      ++succeeded_[write.command.index()];
      random.Learn(write.command, *expected);
    }
    return true;
  }

  bool AgreeOn(const std::vector<Asked>& questions) {
    if (GetParam().exact_row_counts) {
      EXPECT_EQ(store().Stats().rows, model_.Stats().rows) << last_;
    }
    for (const auto& [method, topic] : questions) {
      EXPECT_EQ(Ask(store(), method, topic), Ask(model_, method, topic))
          << Describe(method, topic) << "\nlast command: " << last_;
      if (HasFailure()) return false;
    }
    return true;
  }

  bool AgreeOnEverything(const RandomCommands& random) {
    std::vector<Asked> questions;
    for (const Topic& topic : random.AllTopics()) {
      for (int i = 0; i < kMethods; ++i) questions.push_back({i, topic});
    }
    return AgreeOn(questions);
  }

  int (*const queue_of_)(const Command& command) = GetParam().queue_of;
  ModelStore model_{clock_, queue_of_};
  std::string last_ = "none";
  // By kind of command.
  std::array<int, std::variant_size_v<Command>> succeeded_ = {};
};

TEST_P(ModelHistory, EveryAnswerIsTheModelsAnswer) {
  for (unsigned seed = 1; seed <= 3; ++seed) {
    RandomCommands random(seed, clock_);
    for (int step = 0; step < 1000; ++step) {
      SCOPED_TRACE(absl::StrCat("seed ", seed, ", step ", step));
      ASSERT_TRUE(Step(random));
      if (step % 250 == 249) {
        ASSERT_TRUE(AgreeOnEverything(random));
      }
    }
    Reopen();
    // PostgreSQL's store skips ids when it is opened, up to the latest one,
    // which is ahead of a clock that was set back.
    clock_.Advance(absl::Hours(24 * 60));
    SCOPED_TRACE(absl::StrCat("seed ", seed, ", opened again"));
    ASSERT_TRUE(AgreeOnEverything(random));
  }
  EXPECT_THAT(succeeded_, ::testing::Each(::testing::Ge(10)));
}

PINHOLE_ON_STORES(ModelHistory, QueuedStores);

}  // namespace
}  // namespace pinhole::testing
