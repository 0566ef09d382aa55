// SPDX-License-Identifier: Apache-2.0

// Random histories in which several commands share a batch: answers and
// contents are those of the model, which runs the commands one by one.

#include <algorithm>
#include <random>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/store/postgres/writes/single/run_single.h"
#include "tests/contract/random_commands.h"
#include "tests/contract/text_of.h"
#include "tests/support/manual_clock.h"
#include "tests/support/model_store/model_store.h"
#include "tests/unit/server/store/postgres/writes/writer_fixture.h"

namespace pinhole::postgres {
namespace {

using ::pinhole::testing::ManualClock;
using ::pinhole::testing::ModelStore;
using ::pinhole::testing::RandomCommands;
using ::pinhole::testing::Text;
using ::pinhole::testing::Topic;
using Result = absl::StatusOr<CommandResult>;

// The order of a deleted user's file keys is unspecified.
Result Sorted(Result result) {
  if (!result.ok()) return result;
  if (auto* deleted = std::get_if<DeleteUser::Result>(&*result)) {
    std::sort(deleted->file_keys.begin(), deleted->file_keys.end());
  }
  return result;
}

// What a store answers about the rows that batches write.
template <typename Reads>
std::vector<std::string> AskAbout(const Reads& store, const Topic& topic) {
  const PageRequest all{0, 1000};
  return {
      Text::Of(store.FindUser(topic.viewer, topic.user)),
      Text::Of(store.FindUser(topic.viewer, topic.handle)),
      Text::Of(store.FindPhoto(topic.viewer, topic.photo)),
      Text::Of(store.ListPhotos(topic.viewer, topic.user, all)),
      Text::Of(store.ListLikes(topic.viewer, topic.photo, all)),
      Text::Of(store.ListComments(topic.viewer, topic.photo, all)),
      Text::Of(store.ListFollowers(topic.viewer, topic.user, all)),
      Text::Of(store.ListFollowing(topic.viewer, topic.user, all)),
      Text::Of(store.ListNotifications(topic.viewer, all)),
      Text::Of(store.ListSessions(topic.viewer, all)),
      Text::Of(store.FindSession(topic.token_hash)),
      Text::Of(store.FindRequest(topic.request)),
      Text::Of(store.LatestPhoto()),
  };
}

class HistoryTest : public WriterTest {
 protected:
  HistoryTest() {
    batches_ = std::make_unique<Lane>(Lane::Options{
        .uri = uri(), .instance = "history", .number = 0, .clock = &manual_});
    singles_ = std::make_unique<Lane>(Lane::Options{
        .uri = uri(), .instance = "history", .number = 1, .clock = &manual_});
    lane_.reset();  // Leaves its node to the others.
  }

  std::vector<Result> Run(const std::vector<Command>& commands) {
    std::vector<Result> results(commands.size());
    std::vector<std::shared_ptr<Attempt>> batch;
    const auto run_batch = [&] {
      if (!batch.empty()) RunBatch(*batches_, batch);
      batch.clear();
    };
    for (std::size_t i = 0; i < commands.size(); ++i) {
      auto attempt = std::make_shared<Attempt>(
          store::PendingWrite{commands[i], {}, [&results, i](Result result) {
                                results[i] = Sorted(std::move(result));
                              }});
      if (IsBatched(commands[i])) {
        batch.push_back(std::move(attempt));
        continue;
      }
      run_batch();
      Transactions transactions(*singles_, attempt);
      attempt->Answer(RunSingle(transactions, commands[i]));
    }
    run_batch();
    return results;
  }

  bool SameResults(const std::vector<Command>& commands,
                   RandomCommands& random) {
    const std::vector<Result> results = Run(commands);
    for (std::size_t i = 0; i < commands.size(); ++i) {
      Result expected;
      model_.Submit(commands[i], {}, [&](Result result) {
        expected = Sorted(std::move(result));
      });
      EXPECT_EQ(Text::Of(results[i]), Text::Of(expected))
          << Text::Of(commands[i]);
      if (HasFailure()) return false;
      if (expected.ok()) random.Learn(commands[i], *expected);
    }
    return true;
  }

  bool SameContents(const RandomCommands& random) {
    const PostgresReader reader(*db_, manual_);
    for (const Topic& topic : random.AllTopics()) {
      EXPECT_EQ(AskAbout(reader, topic), AskAbout(model_, topic))
          << "viewer " << topic.viewer.value << ", user " << topic.user.value
          << ", photo " << topic.photo.value;
      if (HasFailure()) return false;
    }
    return true;
  }

  ManualClock manual_;
  ModelStore model_{manual_, [](const Command& command) {
                      return IsBatched(command) ? 0 : 1;
                    }};
  std::unique_ptr<Lane> batches_, singles_;
};

TEST_F(HistoryTest, BatchesAnswerAsTheModelDoes) {
  for (unsigned seed = 1; seed <= 3; ++seed) {
    RandomCommands random(seed, manual_);
    for (int step = 0; step < 150; ++step) {
      SCOPED_TRACE(absl::StrCat("seed ", seed, ", step ", step));
      manual_.Advance(random.APause());
      std::vector<Command> commands(1 + random.Pick(20));
      for (Command& command : commands) command = random.Next();
      ASSERT_TRUE(SameResults(commands, random));
      if (step % 25 == 24) {
        ASSERT_TRUE(SameContents(random));
      }
    }
  }
}

}  // namespace
}  // namespace pinhole::postgres
