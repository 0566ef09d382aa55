// SPDX-License-Identifier: Apache-2.0

// Site: the pages of Pinhole for people with a browser: the front page, which
// shows the latest public photos, and the live page of the metrics.  They know
// Pinhole's API and metrics; the gateway that serves them does not.

#ifndef PINHOLE_GATEWAY_SITE_SITE_H_
#define PINHOLE_GATEWAY_SITE_SITE_H_

#include <vector>

#include "gateway/exchange/pages.h"

namespace pinhole::gateway {

// `with_metrics`: the page of the metrics, and the way there, are among them.
std::vector<File> SiteFiles(bool with_metrics);

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_SITE_SITE_H_
