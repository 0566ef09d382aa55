// SPDX-License-Identifier: Apache-2.0

#include "base/process/sd_notify.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/temp_dir.h"

namespace pinhole {
namespace {

using testing::TempDir;

// What systemd has: a socket for datagrams.
class Listener {
 public:
  explicit Listener(std::string name) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name.front() == '@') address.sun_path[0] = '\0';
    const auto size =
        static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    EXPECT_EQ(bind(file_, reinterpret_cast<const sockaddr*>(&address), size),
              0);
  }
  ~Listener() { close(file_); }

  // The next message, empty if there is none.
  std::string Take() const {
    std::array<char, 256> bytes{};
    const ssize_t size = recv(file_, bytes.data(), bytes.size(), MSG_DONTWAIT);
    return std::string(bytes.data(), size < 0 ? 0 : static_cast<size_t>(size));
  }

 private:
  const int file_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
};

class SdNotifyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name :
         {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) {
      unsetenv(name);
    }
  }
  void TearDown() override { SetUp(); }

  static void Set(const char* name, const std::string& value) {
    setenv(name, value.c_str(), 1);
  }
};

TEST_F(SdNotifyTest, SendsADatagramToThePathNamed) {
  const TempDir folder;
  const std::string path = (folder.path() / "notify").string();
  const Listener listener(path);
  Set("NOTIFY_SOCKET", path);

  SdNotify::FromEnvironment().Send("READY=1\nSTATUS=serving");

  EXPECT_EQ(listener.Take(), "READY=1\nSTATUS=serving");
  EXPECT_EQ(listener.Take(), "");
}

TEST_F(SdNotifyTest, AtSignMeansAnAbstractAddress) {
  const std::string name = "@pinhole-test-" + std::to_string(getpid());
  const Listener listener(name);
  Set("NOTIFY_SOCKET", name);

  SdNotify::FromEnvironment().Send("WATCHDOG=1");

  EXPECT_EQ(listener.Take(), "WATCHDOG=1");
}

TEST_F(SdNotifyTest, NobodyToTellIsNoError) {
  SdNotify::FromEnvironment().Send("READY=1");
  SdNotify("/nowhere/at/all").Send("READY=1");
  SdNotify(std::string(500, 'x')).Send("READY=1");
}

TEST_F(SdNotifyTest, WatchdogIsAskedForByTime) {
  Set("WATCHDOG_USEC", "30000000");

  EXPECT_EQ(SdNotify::FromEnvironment().watchdog(), absl::Seconds(30));
}

TEST_F(SdNotifyTest, WatchdogOfThisProcessIsOurs) {
  Set("WATCHDOG_USEC", "1000000");
  Set("WATCHDOG_PID", std::to_string(getpid()));

  EXPECT_EQ(SdNotify::FromEnvironment().watchdog(), absl::Seconds(1));
}

TEST_F(SdNotifyTest, WatchdogOfAnotherProcessIsNotOurs) {
  Set("WATCHDOG_USEC", "1000000");
  Set("WATCHDOG_PID", std::to_string(getpid() + 1));

  EXPECT_EQ(SdNotify::FromEnvironment().watchdog(), absl::InfiniteDuration());
}

TEST_F(SdNotifyTest, NonsenseOrNothingMeansNoWatchdog) {
  EXPECT_EQ(SdNotify::FromEnvironment().watchdog(), absl::InfiniteDuration());
  for (const char* nonsense : {"", "0", "-5", "soon"}) {
    Set("WATCHDOG_USEC", nonsense);
    EXPECT_EQ(SdNotify::FromEnvironment().watchdog(), absl::InfiniteDuration())
        << nonsense;
  }
}

}  // namespace
}  // namespace pinhole
