// SPDX-License-Identifier: Apache-2.0

#include "client/lab/observe/machine.h"

#include <unistd.h>

#include <string>

#include "fmt/format.h"
#include "gtest/gtest.h"

namespace pinhole::lab {
namespace {

// The counters are seconds.
std::string Stat(int user, int idle, int steal) {
  const long tick = sysconf(_SC_CLK_TCK);
  return fmt::format(
      "cpu  {} 0 {} {} 5 0 0 {} 9 0\ncpu0 1 1 1 1\ncpu1 1 1 1 1\nintr 1\n",
      user * tick, tick, idle * tick, steal * tick);
}

std::string Pressure(int microseconds) {
  return fmt::format(
      "some avg10=0.00 avg60=0.00 avg300=0.00 total={}\n"
      "full avg10=0.00 avg60=0.00 avg300=0.00 total=77\n",
      microseconds);
}

TEST(MachineTest, IdleTimeIsNotBusyAndTheTimeOfGuestsIsNotCountedTwice) {
  const auto times = ParseMachineTimes(Stat(10, 100, 3), Pressure(2'500'000));

  ASSERT_TRUE(times.has_value());
  EXPECT_EQ(times->cpus, 2);
  EXPECT_DOUBLE_EQ(times->busy, 11);
  EXPECT_DOUBLE_EQ(times->steal, 3);
  EXPECT_DOUBLE_EQ(times->pressure.value(), 2.5);
}

TEST(MachineTest, KernelWithoutPressureIsNoError) {
  const auto times = ParseMachineTimes(Stat(10, 100, 3), "");

  ASSERT_TRUE(times.has_value());
  EXPECT_FALSE(times->pressure.has_value());
}

TEST(MachineTest, WhatIsNotAStatFileGivesNothing) {
  EXPECT_FALSE(ParseMachineTimes("", "").has_value());
  EXPECT_FALSE(ParseMachineTimes("cpu  1 2\ncpu0 1\n", "").has_value());
}

TEST(MachineTest, DifferenceIsCoresAndShares) {
  const auto before = ParseMachineTimes(Stat(10, 0, 0), Pressure(0));
  const auto after = ParseMachineTimes(Stat(16, 0, 2), Pressure(1'000'000));

  const report::Machine machine = MachineBetween(*before, *after, 4);

  EXPECT_DOUBLE_EQ(machine.cpus(), 2);
  EXPECT_DOUBLE_EQ(machine.busy_cores(), 1.5);
  EXPECT_DOUBLE_EQ(machine.steal_cores(), 0.5);
  EXPECT_DOUBLE_EQ(machine.pressure_share(), 0.25);
}

TEST(MachineTest, ThisMachineCanBeRead) {
  const auto times = ReadMachineTimes();

  ASSERT_TRUE(times.has_value());
  EXPECT_GT(times->busy, 0);
}

}  // namespace
}  // namespace pinhole::lab
