// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/postgres_writer.h"

#include <chrono>
#include <random>
#include <utility>

#include "fmt/format.h"
#include "server/store/postgres/db/postgres_error.h"
#include "server/store/postgres/writes/batch/run_batch.h"
#include "server/store/postgres/writes/single/run_single.h"
#include "server/store/queue/command_size.h"

namespace pinhole::postgres {
namespace {

enum LaneNumber { kBatches = 0, kSingles = 1 };

constexpr std::size_t kMaxBatch = 256;

std::string RandomName() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}{:08x}{:08x}", random(), random(), random(),
                     random());
}

// Returns the commands that are to be run again later, because other
// transactions are in the way.
LaneThread::Batch RunEach(Lane& lane, LaneThread::Batch batch) {
  std::erase_if(batch, [&](const std::shared_ptr<Attempt>& attempt) {
    if (attempt->dropped()) return true;
    Transactions transactions(lane, attempt);
    absl::StatusOr<CommandResult> result =
        RunSingle(transactions, attempt->command());
    if (IsConflict(result.status()) && attempt->can_wait()) return false;
    attempt->Answer(std::move(result));
    return true;
  });
  return batch;
}

}  // namespace

PostgresWriter::PostgresWriter(Options options) : options_(std::move(options)) {
  const std::string instance = RandomName();
  LaneThread::Options batches = LaneOptions(kBatches, instance);
  batches.name = "store-batches";
  batches.lane.on_node = options_.on_node;
  batches.max_batch = kMaxBatch;
  batches.run = RunBatch;
  LaneThread::Options singles = LaneOptions(kSingles, instance);
  singles.name = "store-singles";
  singles.max_batch = 1;
  singles.run = RunEach;
  batches_ = std::make_unique<LaneThread>(std::move(batches));
  singles_ = std::make_unique<LaneThread>(std::move(singles));
  timer_ = std::make_unique<DeadlineTimer>(
      *options_.clock, std::array{&batches_->queue(), &singles_->queue()});
}

PostgresWriter::~PostgresWriter() { Stop(); }

LaneThread::Options PostgresWriter::LaneOptions(int number,
                                                const std::string& instance) {
  LaneThread::Options lane;
  lane.lane = {.uri = options_.uri,
               .instance = instance,
               .number = number,
               .application_name = options_.application_name,
               .clock = options_.clock,
               .on_disk_full = options_.on_disk_full};
  lane.max_queued_commands = options_.max_queued_commands;
  lane.max_queued_bytes = options_.max_queued_bytes;
  lane.on_start = [this, number](const LaneThread::Batch& batch) {
    timer_->Watch(number, batch);
  };
  return lane;
}

void PostgresWriter::Submit(Command command, WriteOptions options,
                            Store::Done done) {
  LaneThread& lane = IsBatched(command) ? *batches_ : *singles_;
  const std::size_t bytes = store::SizeOf(command);
  lane.Submit({std::move(command), options, std::move(done), bytes,
               std::chrono::steady_clock::now()});
}

void PostgresWriter::Stop() {
  batches_->Stop();
  singles_->Stop();
}

absl::Status PostgresWriter::state() const {
  absl::Status state = batches_->lane().state();
  return state.ok() ? singles_->lane().state() : state;
}

void PostgresWriter::AddTo(StoreStats& stats) const {
  batches_->AddTo(stats);
  singles_->AddTo(stats);
  stats.commands_expired += timer_->expired();
}

PostgresWriter::Stats PostgresWriter::stats() const {
  return {batches_->batch_sizes(), batches_->lane().Stats(),
          singles_->lane().Stats()};
}

}  // namespace pinhole::postgres
