// SPDX-License-Identifier: Apache-2.0

// Drawings as SVG inside a page.  Colours are classes that the page's style
// gives meaning to, so that one drawing serves light, dark and print.

#ifndef PINHOLE_CLIENT_LAB_REPORT_CHART_MARKUP_H_
#define PINHOLE_CLIENT_LAB_REPORT_CHART_MARKUP_H_

#include <string>

namespace pinhole::lab::chart {

// Any text as text or as a quoted attribute of HTML and of XML.
std::string Escape(const std::string& text);

// A coordinate, in few digits.
std::string At(double position);

enum class Anchor { kStart, kMiddle, kEnd };

std::string Text(double x, double y, Anchor anchor, const std::string& text,
                 const std::string& css_class = "");
std::string Line(double x1, double y1, double x2, double y2,
                 const std::string& css_class);
std::string Rect(double x, double y, double width, double height,
                 const std::string& css_class);

// What screen readers read instead of the drawing.
struct Label {
  std::string id;  // Unlike any other on the page.
  std::string title;
  std::string description;
};

// A whole drawing that fits the width it is given.
std::string Drawing(const Label& label, double width, double height,
                    const std::string& content);

}  // namespace pinhole::lab::chart

#endif  // PINHOLE_CLIENT_LAB_REPORT_CHART_MARKUP_H_
