// SPDX-License-Identifier: Apache-2.0
// Definitions of the charts on the metrics page. A chart has a title, a unit, the
// names of its lines, and `row`, which computes a number for each line from two
// successive scrapes. A chart or section is shown if the metric that it `needs`
// exists.

import {fromParts} from "./metrics_tables.js";

// Codes of server errors; all others are errors of clients.
const SERVER_FAULTS = new Set([
  "Unknown", "DeadlineExceeded", "ResourceExhausted", "Unimplemented",
  "Internal", "Unavailable", "DataLoss"]);
export const isFault = code => SERVER_FAULTS.has(code);
export const isRefusal = code => code !== "OK" && !isFault(code);

// Streams are excluded from latencies: they last as long as the client wants.
const unary = {grpc_type: "unary"};

// `of`: labels of the chosen method, or empty for all methods.
const callCharts = history => [
  {
    title: "Calls per second", unit: "rate", stacked: true,
    lines: ["answered", "refused", "failed"],
    colors: ["--c3", "--c2", "--c5"],
    row: (a, b, of) => [code => code === "OK", isRefusal, isFault].map(
      grpc_code => history.rate(a, b, "grpc_server_handled_total",
                                {...of, grpc_code})),
  },
  {
    title: "Time of a call", unit: "seconds", lines: ["p50", "p90", "p99"],
    note: of => of.grpc_method ? "" : "all but streams",
    row: (a, b, of) => {
      const which = of.grpc_method ? of : unary;
      const times =
        history.spread(a, b, "grpc_server_handling_seconds", which);
      return [.5, .9, .99].map(times.quantile);
    },
  },
  {
    title: "Where the time goes", unit: "busy", stacked: true,
    note: () => "calls at a time",
    lines: fromParts.map(([, name]) => name),
    row: (a, b, of) => fromParts.map(([part]) => history.rate(
      a, b, "pinhole_rpc_part_seconds_total", {...of, part})),
  },
];

const gauge = (history, name, labels) => (a, b) =>
  [history.sum(b, name, labels)];

const writerCharts = history => [
  {
    title: "Writes per second", unit: "rate", lines: ["commands", "commits"],
    row: (a, b) => [
      history.rate(a, b, "pinhole_write_commands_total"),
      history.rate(a, b, "pinhole_db_commit_duration_seconds_count")],
  },
  {
    title: "Queue and batch", unit: "count",
    lines: ["waiting", "in one transaction"],
    row: (a, b) => {
      const grown = name => history.growth(a, b, name);
      return [history.sum(b, "pinhole_write_queue_depth"),
              grown("pinhole_write_batch_size_sum") /
                grown("pinhole_write_batch_size_count")];
    },
  },
  {
    title: "Commit", unit: "seconds",
    lines: ["p50", "p99", "p99 of the wait before"],
    row: (a, b) => {
      const commit = history.spread(a, b, "pinhole_db_commit_duration_seconds");
      const wait = history.spread(a, b, "pinhole_db_write_wait_seconds");
      return [commit.quantile(.5), commit.quantile(.99), wait.quantile(.99)];
    },
  },
  {
    title: "Fsync of a commit", unit: "seconds", lines: ["p50", "p99"],
    needs: "pinhole_db_fsync_duration_seconds_count",
    row: (a, b) => {
      const sync = history.spread(
        a, b, "pinhole_db_fsync_duration_seconds", {file: "log"});
      return [sync.quantile(.5), sync.quantile(.99)];
    },
  },
  {
    title: "Write-ahead log", unit: "count", needs: "pinhole_db_wal_frames",
    lines: ["pages logged", "checkpointed"],
    row: (a, b) => ["logged", "checkpointed"].map(
      state => history.sum(b, "pinhole_db_wal_frames", {state})),
  },
  {
    title: "On disk", unit: "bytes", lines: ["database", "its log"],
    needs: "pinhole_db_size_bytes",
    row: (a, b) => [history.sum(b, "pinhole_db_size_bytes"),
                    history.sum(b, "pinhole_db_wal_size_bytes")],
  },
  {
    title: "Writer busy", unit: "percent", lines: ["writing", "checkpoints"],
    needs: "pinhole_db_write_lock_held_seconds_total",
    row: (a, b) => [
      history.rate(a, b, "pinhole_db_write_lock_held_seconds_total"),
      history.rate(a, b, "pinhole_db_checkpoint_seconds_total")],
  },
];

const readCharts = history => {
  const caches = history.labels("pinhole_cache_requests_total", "cache");
  return [
    {
      title: "Answered from memory", unit: "percent", lines: caches, most: 1,
      needs: "pinhole_cache_requests_total",
      row: (a, b) => caches.map(cache => {
        const of = result => history.growth(
          a, b, "pinhole_cache_requests_total", {cache, result});
        return of("hit") / (of("hit") + of("miss"));
      }),
    },
    {
      title: "SQL statements per second", unit: "rate",
      lines: ["reading", "writing"],
      row: (a, b) => ["read", "write"].map(
        kind => history.rate(a, b, "pinhole_db_queries_total", {kind})),
    },
    {
      title: "Wait for a connection", unit: "seconds", lines: ["p50", "p99"],
      row: (a, b) => {
        const wait = history.spread(a, b, "pinhole_db_pool_wait_seconds");
        return [wait.quantile(.5), wait.quantile(.99)];
      },
    },
  ];
};

const postgresCharts = history => [
  {
    title: "Synchronous standbys", unit: "count", lines: ["connected"],
    row: gauge(history, "pinhole_postgres_synchronous_standbys"),
  },
  {
    title: "Reads waiting", unit: "count", lines: ["for a connection"],
    row: gauge(history, "pinhole_postgres_reads_waiting"),
  },
  {
    title: "Repeated", unit: "rate",
    lines: ["conflicts", "connections for writes", "reads"],
    row: (a, b) => [
      history.rate(a, b, "pinhole_postgres_write_conflicts_total"),
      history.rate(a, b, "pinhole_postgres_write_reconnects_total"),
      history.rate(a, b, "pinhole_postgres_read_repeats_total")],
  },
];

const poolCharts = history => [
  {
    title: "Password hashes", unit: "rate",
    lines: ["per second", "waiting"],
    row: (a, b) => [
      history.rate(a, b, "pinhole_password_hash_duration_seconds_count"),
      history.sum(b, "pinhole_password_hash_queue_depth")],
  },
  {
    title: "Time of a hash", unit: "seconds", lines: ["p50", "p99"],
    row: (a, b) => {
      const times =
        history.spread(a, b, "pinhole_password_hash_duration_seconds");
      return [times.quantile(.5), times.quantile(.99)];
    },
  },
  {
    title: "Uploads", unit: "byterate", lines: ["bytes per second"],
    row: (a, b) =>
      [history.rate(a, b, "pinhole_photo_upload_size_bytes_sum")],
    note: () => "originals of photos",
  },
];

const doorCharts = history => [
  {
    title: "Requests per second", unit: "rate", stacked: true,
    lines: ["1xx–3xx", "4xx", "5xx"], colors: ["--c3", "--c2", "--c5"],
    row: (a, b) => [/^[123]/, /^4/, /^5/].map(
      pattern => history.rate(
        a, b, "http_server_request_duration_seconds_count",
        {http_response_status_code: code => pattern.test(code)})),
  },
  {
    title: "Time of a request", unit: "seconds", lines: ["p50", "p90", "p99"],
    note: () => "streams included",
    row: (a, b) => {
      const times =
        history.spread(a, b, "http_server_request_duration_seconds");
      return [.5, .9, .99].map(times.quantile);
    },
  },
  {
    title: "Bytes", unit: "byterate", lines: ["sent", "received"],
    row: (a, b) => [
      history.rate(a, b, "http_server_sent_bytes_total"),
      history.rate(a, b, "http_server_received_bytes_total")],
  },
];

const processCharts = history => [
  {
    title: "Processor", unit: "percent", lines: ["of one core"],
    row: (a, b) => [history.rate(a, b, "process_cpu_seconds_total")],
  },
  {
    title: "Resident memory", unit: "bytes", lines: ["resident"],
    row: gauge(history, "process_resident_memory_bytes"),
  },
  {
    title: "Threads and files", unit: "count",
    lines: ["threads", "file descriptors", "HTTP connections"],
    row: (a, b) => [history.sum(b, "process_threads"),
                    history.sum(b, "process_open_fds"),
                    history.sum(b, "http_server_open_connections")],
  },
];

// The sections of the page. A separate gateway process has only the metrics of
// HTTP.
export const sections = [
  {title: "Calls", needs: "grpc_server_handled_total", charts: callCharts,
   table: "methods"},
  {title: "Writer", needs: "pinhole_write_queue_depth", charts: writerCharts},
  {title: "Reads", needs: "pinhole_db_queries_total", charts: readCharts},
  {title: "PostgreSQL", needs: "pinhole_postgres_ready",
   charts: postgresCharts},
  {title: "Passwords and uploads", needs: "pinhole_password_hash_queue_depth",
   charts: poolCharts},
  {title: "HTTP", needs: "http_server_open_connections", charts: doorCharts,
   table: "routes"},
  {title: "Process", needs: "process_threads", charts: processCharts},
];

// The numbers at the top, for the last ten seconds. `value` computes both the
// points of the line and, from two scrapes farther apart, the number; `more` is
// the small print.
export const tiles = (history, format) => [
  {
    title: "Calls", needs: "grpc_server_handled_total", unit: "rate",
    suffix: "/s",
    value: (a, b) => history.rate(a, b, "grpc_server_handled_total"),
    more: (a, b) => `${format.count(
      history.sum(b, "grpc_server_handled_total"))} since the start`,
  },
  {
    title: "Server errors", needs: "grpc_server_handled_total", unit: "percent",
    value: (a, b) => {
      const all = history.growth(a, b, "grpc_server_handled_total");
      const failed = history.growth(a, b, "grpc_server_handled_total",
                                    {grpc_code: isFault});
      return all > 0 ? failed / all : 0;
    },
    bad: value => value > .01,
    more: (a, b) => `${format.rate(history.rate(
      a, b, "grpc_server_handled_total", {grpc_code: isRefusal}))}/s refused`,
  },
  {
    title: "Time of a call, p99", needs: "grpc_server_handled_total",
    unit: "seconds",
    value: (a, b) => history.spread(
      a, b, "grpc_server_handling_seconds", unary).quantile(.99),
    more: (a, b) => `p50 ${format.seconds(history.spread(
      a, b, "grpc_server_handling_seconds", unary).quantile(.5))}`,
  },
  {
    title: "Commit, p99", needs: "pinhole_write_queue_depth", unit: "seconds",
    value: (a, b) => history.spread(
      a, b, "pinhole_db_commit_duration_seconds").quantile(.99),
    more: (a, b) => `${format.rate(history.rate(
      a, b, "pinhole_write_commands_total"))} writes/s, ${format.count(
      history.sum(b, "pinhole_write_queue_depth"))} waiting`,
  },
  {
    title: "Processor", needs: "process_threads", unit: "percent",
    suffix: " of a core",
    value: (a, b) => history.rate(a, b, "process_cpu_seconds_total"),
    more: (a, b) => `${format.count(
      history.sum(b, "pinhole_rpc_in_flight"))} calls under way`,
  },
  {
    title: "Memory", needs: "process_threads", unit: "bytes",
    value: (a, b) => history.sum(b, "process_resident_memory_bytes"),
    more: (a, b) => `${format.bytes(history.sum(
      b, "pinhole_storage_available_bytes", {volume: "photos"}))} disk left`,
  },
  // Shown only if the process is a gateway without a server.
  {
    title: "Requests", unit: "rate", suffix: "/s",
    unless: "grpc_server_handled_total",
    value: (a, b) => history.rate(
      a, b, "http_server_request_duration_seconds_count"),
    more: (a, b) => `${format.count(history.sum(
      b, "http_server_request_duration_seconds_count"))} since the start`,
  },
  {
    title: "Time of a request, p99", unit: "seconds",
    unless: "grpc_server_handled_total",
    value: (a, b) => history.spread(
      a, b, "http_server_request_duration_seconds").quantile(.99),
    more: (a, b) => `p50 ${format.seconds(history.spread(
      a, b, "http_server_request_duration_seconds").quantile(.5))}`,
  },
  {
    title: "Connections", unit: "count", unless: "grpc_server_handled_total",
    value: (a, b) => history.sum(b, "http_server_open_connections"),
    more: (a, b) => `${format.count(history.sum(
      b, "http_server_refused_connections_total"))} refused`,
  },
];
