// SPDX-License-Identifier: Apache-2.0

// The web pages of Pinhole: the front page with the latest public photos, and
// the metrics page.  They depend on Pinhole's API and metrics; the gateway,
// which serves them as files, does not.

#pragma once

#include <vector>

#include "base/static_file.h"

namespace pinhole::web {

// Returns all files; `with_metrics`: with the metrics page and links to it.
std::vector<StaticFile> SiteFiles(bool with_metrics);

}  // namespace pinhole::web
