// SPDX-License-Identifier: Apache-2.0

#include "server/decoder/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <initializer_list>
#include <memory>
#include <string_view>
#include <system_error>

#include "base/status_macros.h"
#include "fmt/format.h"

namespace pinhole::decoder {
namespace {

absl::Status Failure(std::string_view what, int error) {
  return absl::InternalError(fmt::format(
      "cannot {}: {}", what, std::generic_category().message(error)));
}

absl::Status Limit(int resource, rlim_t value) {
  const rlimit limit = {.rlim_cur = value, .rlim_max = value};
  if (setrlimit(static_cast<__rlimit_resource>(resource), &limit) != 0) {
    return Failure("limit a resource", errno);
  }
  return absl::OkStatus();
}

// Bytes of mapped address space: the first number of statm, in pages.
unsigned long MappedBytes() {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(
      std::fopen("/proc/self/statm", "re"), std::fclose);
  unsigned long pages = 0;
  if (file == nullptr || std::fscanf(file.get(), "%lu", &pages) != 1) return 0;
  return pages * static_cast<unsigned long>(sysconf(_SC_PAGESIZE));
}

absl::Status LimitResources(const SandboxLimits& limits) {
  if (limits.memory_bytes > 0) {
    const unsigned long mapped = MappedBytes();
    if (mapped == 0) return absl::InternalError("cannot read /proc/self/statm");
    RETURN_IF_ERROR(Limit(RLIMIT_AS, mapped + limits.memory_bytes));
  }
  RETURN_IF_ERROR(Limit(RLIMIT_CORE, 0));
  RETURN_IF_ERROR(Limit(RLIMIT_FSIZE, 0));
  // Standard streams, the socket and one picture.
  return Limit(RLIMIT_NOFILE, 5);
}

// Makes the kernel prefer a decoder to the server when memory runs out. Best
// effort: some systems refuse, and nothing else depends on it.
void PreferForOutOfMemoryKill() {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(
      std::fopen("/proc/self/oom_score_adj", "we"),
      [](std::FILE* f) { return f == nullptr ? 0 : std::fclose(f); });
  if (file != nullptr) std::fputs("500", file.get());
}

// A condition on the argument `index` of a system call: that its bits in `mask`
// equal `value`.  The macros of the library are C only.
scmp_arg_cmp Argument(unsigned index, scmp_datum_t value,
                      scmp_datum_t mask = ~scmp_datum_t{0}) {
  return {.arg = index,
          .op = SCMP_CMP_MASKED_EQ,
          .datum_a = mask,
          .datum_b = value};
}

class Filter {
 public:
  Filter() : context_(seccomp_init(SCMP_ACT_ERRNO(EPERM))) {}
  ~Filter() { seccomp_release(context_); }
  Filter(const Filter&) = delete;
  Filter& operator=(const Filter&) = delete;

  void Allow(std::initializer_list<int> calls) {
    for (const int call : calls) {
      Note(seccomp_rule_add(context_, SCMP_ACT_ALLOW, call, 0));
    }
  }
  void Allow(int call, std::initializer_list<scmp_arg_cmp> conditions) {
    Note(seccomp_rule_add_array(context_, SCMP_ACT_ALLOW, call,
                                static_cast<unsigned>(conditions.size()),
                                conditions.begin()));
  }
  void Fail(int call, unsigned error) {
    Note(seccomp_rule_add(context_, SCMP_ACT_ERRNO(error), call, 0));
  }

  // Activates the filter for all threads.  Returns 0 or a negative error.
  int Load() {
    // Extends the filter to all other threads.
    Note(seccomp_attr_set(context_, SCMP_FLTATR_CTL_TSYNC, 1));
    if (error_ == 0) error_ = seccomp_load(context_);
    return error_;
  }

 private:
  void Note(int result) {
    if (result < 0) error_ = result;
  }

  const scmp_filter_ctx context_;
  int error_ = 0;
};

absl::Status FilterSystemCalls() {
  Filter filter;
  filter.Allow({
      SCMP_SYS(read),
      SCMP_SYS(pread64),
      SCMP_SYS(write),
      SCMP_SYS(sendto),
      SCMP_SYS(recvfrom),
      SCMP_SYS(recvmsg),
      SCMP_SYS(close),
      SCMP_SYS(dup2),
      // Memory.
      SCMP_SYS(brk),
      SCMP_SYS(munmap),
      SCMP_SYS(mremap),
      SCMP_SYS(madvise),
      // Using and ending existing threads.
      SCMP_SYS(futex),
      SCMP_SYS(set_robust_list),
      SCMP_SYS(rseq),
      SCMP_SYS(gettid),
      SCMP_SYS(getpid),
      SCMP_SYS(sched_yield),
      SCMP_SYS(sched_getaffinity),
      SCMP_SYS(rt_sigprocmask),
      SCMP_SYS(rt_sigreturn),
      SCMP_SYS(sigaltstack),
      SCMP_SYS(exit),
      SCMP_SYS(exit_group),
      SCMP_SYS(restart_syscall),
      // Time and random numbers.
      SCMP_SYS(clock_gettime),
      SCMP_SYS(clock_nanosleep),
      SCMP_SYS(nanosleep),
      SCMP_SYS(gettimeofday),
      SCMP_SYS(getrandom),
      SCMP_SYS(getrusage),
  });
  // Memory, but never executable, so that a picture cannot bring code.
  for (const int call : {SCMP_SYS(mmap), SCMP_SYS(mprotect)}) {
    filter.Allow(call, {Argument(2, 0, PROT_EXEC)});
  }
  // Threads, but no processes.  A filter cannot see the arguments of clone3;
  // the C library falls back to clone.
  filter.Allow(SCMP_SYS(clone),
               {Argument(0, CLONE_THREAD | CLONE_VM, CLONE_THREAD | CLONE_VM)});
  filter.Fail(SCMP_SYS(clone3), ENOSYS);
  filter.Allow(SCMP_SYS(prctl), {Argument(0, PR_SET_NAME)});
  // Its own limits, for the CPU time of the next picture; hard limits cannot be
  // raised.
  filter.Allow(SCMP_SYS(prlimit64), {Argument(0, 0)});
  // Ending itself, as abort() does.
  filter.Allow(SCMP_SYS(tgkill),
               {Argument(0, static_cast<scmp_datum_t>(getpid()))});
  if (const int result = filter.Load(); result < 0) {
    return Failure("filter system calls", -result);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status EnterSandbox(const SandboxLimits& limits) {
  PreferForOutOfMemoryKill();
  RETURN_IF_ERROR(LimitResources(limits));
  // Keeps debuggers of the same user out and prevents core dumps.
  if (prctl(PR_SET_DUMPABLE, 0) != 0) return Failure("hide", errno);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return Failure("give up new privileges", errno);
  }
  return FilterSystemCalls();
}

void LimitCpuTime(int seconds) {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  rlimit limit{};
  getrlimit(RLIMIT_CPU, &limit);
  limit.rlim_cur =
      static_cast<rlim_t>(used.ru_utime.tv_sec + used.ru_stime.tv_sec + 1) +
      static_cast<rlim_t>(seconds);
  setrlimit(RLIMIT_CPU, &limit);
}

}  // namespace pinhole::decoder
