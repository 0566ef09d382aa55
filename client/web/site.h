// SPDX-License-Identifier: Apache-2.0

// Site: the pages of Pinhole for people with a browser: the front page, which
// shows the latest public photos, and the live page of the metrics.  They know
// Pinhole's API and metrics; the gateway that serves them does not.

#ifndef PINHOLE_CLIENT_WEB_SITE_H_
#define PINHOLE_CLIENT_WEB_SITE_H_

#include <vector>

#include "base/static_file.h"

namespace pinhole::web {

// `with_metrics`: the page of the metrics, and the way there, are among them.
std::vector<StaticFile> SiteFiles(bool with_metrics);

}  // namespace pinhole::web

#endif  // PINHOLE_CLIENT_WEB_SITE_H_
