// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_CLIENT_LAB_REPORT_CHART_HARMLESS_H_
#define PINHOLE_CLIENT_LAB_REPORT_CHART_HARMLESS_H_

#include <string>

namespace pinhole::lab {

// Text from a server or a file, made fit for terminals and XML: every control
// character and every mark that turns the direction of writing becomes "?", as
// does what is not UTF-8.
std::string Harmless(const std::string& text);

}  // namespace pinhole::lab

#endif  // PINHOLE_CLIENT_LAB_REPORT_CHART_HARMLESS_H_
