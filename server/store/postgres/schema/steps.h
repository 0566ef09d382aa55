// SPDX-License-Identifier: Apache-2.0

// The tables, as the steps that create and upgrade them.

#pragma once

#include <span>

namespace pinhole::postgres {

struct SchemaStep {
  // Statements that are separated by semicolons and run in one transaction.
  const char* sql;
  // The version of the oldest servers that can run on the result.
  int min_server;
};

// Step i upgrades version i to version i + 1; version 0 is an empty database.
// Steps are never changed once released; new ones are added at the end.
//
// A step only adds tables, indexes and columns with defaults, so that servers
// of the previous version can run on its result.  What they use is removed by a
// step of a later release, which raises `min_server`.
std::span<const SchemaStep> SchemaSteps();

}  // namespace pinhole::postgres
