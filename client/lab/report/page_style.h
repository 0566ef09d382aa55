// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_CLIENT_LAB_REPORT_PAGE_STYLE_H_
#define PINHOLE_CLIENT_LAB_REPORT_PAGE_STYLE_H_

namespace pinhole::lab {

// The style sheet of a report's page: light, dark, narrow and printed.  Gives
// the colour classes of its charts their meaning: c1 to c5 for things that
// differ, o1 to o6 for one thing at growing loads, p-... for parts of time.
const char* PageStyle();

}  // namespace pinhole::lab

#endif  // PINHOLE_CLIENT_LAB_REPORT_PAGE_STYLE_H_
