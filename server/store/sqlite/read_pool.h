// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_STORE_SQLITE_READ_POOL_H_
#define PINHOLE_SERVER_STORE_SQLITE_READ_POOL_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "server/store/sqlite/connection.h"
#include "server/store/store.h"

namespace pinhole::store {

// Read-only connections, lent to one thread at a time.  Thread-safe.
class ReadPool {
 public:
  // A connection on loan; null if the pool is closed.
  class Lease {
   public:
    Lease(ReadPool& pool, Connection* connection)
        : pool_(pool), connection_(connection) {}
    ~Lease() {
      if (connection_ != nullptr) pool_.Return(connection_);
    }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    explicit operator bool() const { return connection_ != nullptr; }
    Connection& operator*() const { return *connection_; }

   private:
    ReadPool& pool_;
    Connection* const connection_;
  };

  explicit ReadPool(std::vector<std::unique_ptr<Connection>> connections);

  // Waits for a free connection: reads are short.
  Lease Borrow();

  // Waits for those on loan and closes all.
  void Close();

  void AddTo(StoreStats& stats) const;

 private:
  void Return(Connection* connection);

  mutable absl::Mutex mutex_;
  std::vector<std::unique_ptr<Connection>> all_ ABSL_GUARDED_BY(mutex_);
  // The last one back is lent first: its cache is warm.
  std::vector<Connection*> free_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  std::int64_t waits_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace pinhole::store

#endif  // PINHOLE_SERVER_STORE_SQLITE_READ_POOL_H_
