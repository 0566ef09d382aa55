// SPDX-License-Identifier: Apache-2.0

// What a login costs: one password hash, and the token hash of every call.

#include "benchmark/benchmark.h"
#include "server/auth/password.h"
#include "server/auth/token.h"

namespace pinhole::auth {
namespace {

void Password(benchmark::State& state) {
  for (auto _ : state) {
    auto hash = HashPassword("correct horse battery");
    if (!hash.ok()) state.SkipWithError("no memory for a hash");
    benchmark::DoNotOptimize(hash);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(Password)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->ThreadRange(1, 2);

void Token(benchmark::State& state) {
  const std::string token = NewToken();
  for (auto _ : state) benchmark::DoNotOptimize(HashToken(token));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(Token);

}  // namespace
}  // namespace pinhole::auth
