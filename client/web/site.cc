// SPDX-License-Identifier: Apache-2.0

#include "client/web/site.h"

#include <string>
#include <string_view>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/web/files.h"

namespace pinhole::web {
namespace {

constexpr const char* kHtml = "text/html; charset=utf-8";
constexpr const char* kStyle = "text/css; charset=utf-8";
constexpr const char* kScript = "text/javascript; charset=utf-8";

// Removes every line with a link to the metrics page.  A script on the page
// could find out whether it exists only by causing an error in the browser's
// console.
std::string WithoutMetrics(std::string_view html) {
  std::vector<std::string> lines =
      absl::StrSplit(absl::string_view(html.data(), html.size()), '\n');
  std::vector<std::string> kept;
  for (std::string& line : lines) {
    if (line.find("metrics.html") == std::string::npos) {
      kept.push_back(std::move(line));
    }
  }
  return absl::StrJoin(kept, "\n");
}

}  // namespace

std::vector<StaticFile> SiteFiles(bool with_metrics) {
  std::vector<StaticFile> files;
  const auto add = [&files](const char* path, const char* type,
                            std::string_view body) {
    files.push_back({.path = path, .type = type, .body = std::string(body)});
  };
  add("/", kHtml, with_metrics ? FrontHtml() : WithoutMetrics(FrontHtml()));
  add("/site/front.css", kStyle, FrontCss());
  add("/site/front.js", kScript, FrontJs());
  add("/site/icon.svg", "image/svg+xml", IconSvg());
  add("/site/shared.css", kStyle, SharedCss());
  if (!with_metrics) return files;
  add("/metrics.html", kHtml, MetricsHtml());
  add("/site/metrics.css", kStyle, MetricsCss());
  add("/site/metrics.js", kScript, MetricsJs());
  add("/site/metrics_charts.js", kScript, MetricsChartsJs());
  add("/site/metrics_draw.js", kScript, MetricsDrawJs());
  add("/site/metrics_tables.js", kScript, MetricsTablesJs());
  add("/site/numbers.js", kScript, NumbersJs());
  add("/site/uplot.js", kScript, UplotJs());
  add("/site/uplot.css", kStyle, UplotCss());
  return files;
}

}  // namespace pinhole::web
