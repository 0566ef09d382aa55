// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "server/store/postgres/monitor/health.h"
#include "server/store/postgres/postgres_writer.h"
#include "server/store/postgres/readers/reader_threads.h"
#include "server/store/store.h"

namespace pinhole {

// The statistics of a PostgreSQL store since it was opened.
struct PostgresStats : StoreStats {
  postgres::Health health;
  postgres::ReaderThreads::Stats readers;
  postgres::PostgresWriter::Stats writer;
};

}  // namespace pinhole
