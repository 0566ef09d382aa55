// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string_view>

namespace pinhole::web {

// The files of this folder.
std::string_view FrontCss();
std::string_view FrontHtml();
std::string_view FrontJs();
std::string_view IconSvg();
std::string_view MetricsCss();
std::string_view MetricsHtml();
std::string_view MetricsJs();
std::string_view MetricsChartsJs();
std::string_view MetricsDrawJs();
std::string_view MetricsTablesJs();
std::string_view NumbersJs();
std::string_view SharedCss();
std::string_view UplotJs();
std::string_view UplotCss();

}  // namespace pinhole::web
