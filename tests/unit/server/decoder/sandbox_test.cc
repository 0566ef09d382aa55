// SPDX-License-Identifier: Apache-2.0

// What a sandboxed process can do.  Each attempt runs in a process of its own,
// whose exit code is the result.

#include "server/decoder/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>

#include "gtest/gtest.h"
#include "server/decoder/allocation.h"
#include "server/decoder/sanitized.h"
#include "server/media/decoder_protocol.h"

namespace pinhole::decoder {
namespace {

constexpr int kDone = 0;
constexpr int kDenied = 1;
constexpr int kOtherError = 2;

// The waitpid status of a sandboxed process that calls `attempt`.
int Confined(const std::function<int()>& attempt, SandboxLimits limits = {}) {
  const pid_t child = fork();
  if (child == 0) {
    if (!EnterSandbox(limits).ok()) _exit(99);
    _exit(attempt());
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

// Classifies the result of a system call.
int Outcome(long result) {
  if (result >= 0) return kDone;
  return errno == EPERM ? kDenied : kOtherError;
}

struct Attempt {
  std::string name;
  std::function<long()> call;
};

class DeniedTest : public ::testing::TestWithParam<Attempt> {};

TEST_P(DeniedTest, ByTheSandbox) {
  const int status = Confined([] { return Outcome(GetParam().call()); });

  ASSERT_TRUE(WIFEXITED(status)) << WTERMSIG(status);
  EXPECT_EQ(WEXITSTATUS(status), kDenied);
}

TEST_P(DeniedTest, AlsoToThreadsThatWereThereBefore) {
  const pid_t child = fork();
  if (child == 0) {
    std::atomic<bool> confined = false;
    int outcome = kOtherError;
    std::thread early([&] {
      while (!confined) {
      }
      outcome = Outcome(GetParam().call());
    });
    if (!EnterSandbox({}).ok()) _exit(99);
    confined = true;
    early.join();
    _exit(outcome);
  }
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status)) << WTERMSIG(status);
  EXPECT_EQ(WEXITSTATUS(status), kDenied);
}

INSTANTIATE_TEST_SUITE_P(
    SystemCalls, DeniedTest,
    ::testing::Values(
        Attempt{"open", [] { return open("/etc/passwd", O_RDONLY); }},
        Attempt{"create",
                [] { return open("/tmp/x", O_CREAT | O_WRONLY, 0600); }},
        Attempt{"stat",
                [] {
                  struct stat about {};
                  return stat("/etc/passwd", &about);
                }},
        Attempt{"unlink", [] { return unlink("/tmp/x"); }},
        Attempt{"socket", [] { return socket(AF_INET, SOCK_STREAM, 0); }},
        Attempt{"unix_socket", [] { return socket(AF_UNIX, SOCK_STREAM, 0); }},
        Attempt{"connect",
                [] {
                  sockaddr_in to{};
                  return connect(0, reinterpret_cast<sockaddr*>(&to),
                                 sizeof to);
                }},
        Attempt{"fork", [] { return syscall(SYS_fork); }},
        Attempt{"clone_process",
                [] { return syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); }},
        Attempt{"execve",
                [] {
                  char* const none[] = {nullptr};
                  return execve("/bin/true", none, none);
                }},
        Attempt{"kill_parent", [] { return kill(getppid(), 0); }},
        Attempt{"tgkill_parent",
                [] { return syscall(SYS_tgkill, getppid(), getppid(), 0); }},
        Attempt{"ptrace", [] { return ptrace(PTRACE_TRACEME, 0, 0, 0); }},
        Attempt{"process_vm_readv",
                [] {
                  return syscall(SYS_process_vm_readv, getppid(), 0, 0, 0, 0,
                                 0);
                }},
        Attempt{"executable_memory",
                [] {
                  void* const at =
                      mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
                  return at == MAP_FAILED ? -1 : 0;
                }},
        Attempt{"make_executable",
                [] {
                  void* const at = mmap(nullptr, 4096, PROT_READ | PROT_WRITE,
                                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
                  return mprotect(at, 4096, PROT_READ | PROT_EXEC);
                }},
        Attempt{"raise_limits",
                [] {
                  const rlimit more = {RLIM_INFINITY, RLIM_INFINITY};
                  // Root may raise limits; limits of another process are
                  // denied.
                  return prlimit(getppid(), RLIMIT_NOFILE, &more, nullptr);
                }},
        Attempt{"set_dumpable", [] { return prctl(PR_SET_DUMPABLE, 1); }},
        Attempt{"setuid", [] { return setuid(0); }},
        Attempt{"io_uring", [] { return syscall(425, 1, nullptr); }},
        Attempt{"bpf", [] { return syscall(SYS_bpf, 0, nullptr, 0); }},
        Attempt{"unshare", [] { return syscall(SYS_unshare, 0); }},
        Attempt{"memfd", [] { return memfd_create("x", 0); }}),
    [](const auto& test) { return test.param.name; });

TEST(SandboxTest, MemoryAndThreadsAreAllowed) {
  const int status = Confined([] {
    int sum = 0;
    std::thread thread([&sum] {
      const std::string large(64 << 20, 'x');
      sum = static_cast<unsigned char>(large[large.size() / 2]);
    });
    thread.join();
    return sum == 'x' ? kDone : kOtherError;
  });

  ASSERT_TRUE(WIFEXITED(status)) << WTERMSIG(status);
  EXPECT_EQ(WEXITSTATUS(status), kDone);
}

#ifndef PINHOLE_SANITIZED

TEST(SandboxTest, MemoryBeyondTheLimitEndsTheProcessWithItsOwnCode) {
  const auto allocate = [](std::size_t mebibytes) {
    return Confined(
        [mebibytes] {
          EndWhenAllocationFails();
          volatile char* const block =
              static_cast<char*>(std::malloc(mebibytes << 20));
          block[0] = 1;
          return kDone;
        },
        {.memory_bytes = 100 << 20});
  };
  const int fits = allocate(50);
  const int exceeds = allocate(150);

  EXPECT_EQ(WEXITSTATUS(fits), kDone);
  EXPECT_EQ(WEXITSTATUS(exceeds), media::kDecoderOutOfMemory);
}

#endif

TEST(SandboxTest, CpuTimeCanBeLimitedAgain) {
  const int status = Confined([]() -> int {
    LimitCpuTime(0);
    while (true) {
    }
  });

  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGXCPU);
}

}  // namespace
}  // namespace pinhole::decoder
