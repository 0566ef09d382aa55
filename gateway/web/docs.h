// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_GATEWAY_WEB_DOCS_H_
#define PINHOLE_GATEWAY_WEB_DOCS_H_

#include <string_view>

namespace pinhole::gateway {

// The file docs.html.
std::string_view DocsHtml();

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_WEB_DOCS_H_
