// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

#include "server/store/store.h"

namespace pinhole::testing {

// Two stores with the same database, as two servers have them.  They run
// commands in turn, and a read asks the store that did not get the latest
// command.  Thread-safe.
class TwoStores final : public Store {
 public:
  TwoStores(std::unique_ptr<Store> one, std::unique_ptr<Store> two)
      : stores_{std::move(one), std::move(two)} {}

  void Submit(Command command, WriteOptions options, Done done) override {
    stores_[commands_++ % 2]->Submit(std::move(command), options,
                                     std::move(done));
  }
  std::string_view secret() const override { return stores_[0]->secret(); }
  StoreStats Stats() const override { return stores_[0]->Stats(); }
  void Close() override {
    for (const auto& store : stores_) store->Close();
  }

 protected:
  const StoreReader* InlineReader(ReadExtent) const override { return nullptr; }
  Task<absl::Status> ReadElsewhere(ReadFunction read) override {
    auto run = [&read](const StoreReader& reader) -> absl::StatusOr<Nothing> {
      absl::Status status = read(reader);
      if (!status.ok()) return status;
      return Nothing();
    };
    auto result = co_await stores_[commands_ % 2]->Look(std::move(run));
    co_return result.status();
  }

 private:
  const std::array<std::unique_ptr<Store>, 2> stores_;
  std::atomic<std::size_t> commands_ = 0;
};

}  // namespace pinhole::testing
