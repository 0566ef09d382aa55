// SPDX-License-Identifier: Apache-2.0

// Prints the table of reasons for script/reasons-table.

#include <cstdio>

#include "gateway/openapi/openapi_errors.h"

int main() {
  return std::fputs(pinhole::gateway::ReasonsTable().c_str(), stdout) < 0;
}
