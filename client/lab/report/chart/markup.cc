// SPDX-License-Identifier: Apache-2.0

#include "client/lab/report/chart/markup.h"

#include "client/lab/report/chart/harmless.h"
#include "fmt/format.h"

namespace pinhole::lab::chart {
namespace {

std::string Class(const std::string& css_class) {
  return css_class.empty() ? "" : fmt::format(" class=\"{}\"", css_class);
}

}  // namespace

std::string Escape(const std::string& text) {
  std::string result;
  for (const char c : Harmless(text)) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string At(double position) {
  std::string text = fmt::format("{:.1f}", position);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text == "-0" ? "0" : text;
}

std::string Text(double x, double y, Anchor anchor, const std::string& text,
                 const std::string& css_class) {
  const char* place = anchor == Anchor::kStart    ? "start"
                      : anchor == Anchor::kMiddle ? "middle"
                                                  : "end";
  return fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"{}\"{}>{}</text>\n",
                     At(x), At(y), place, Class(css_class), Escape(text));
}

std::string Line(double x1, double y1, double x2, double y2,
                 const std::string& css_class) {
  return fmt::format("<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"{}/>\n",
                     At(x1), At(y1), At(x2), At(y2), Class(css_class));
}

std::string Rect(double x, double y, double width, double height,
                 const std::string& css_class) {
  return fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"{}/>\n",
                     At(x), At(y), At(width), At(height), Class(css_class));
}

std::string Drawing(const Label& label, double width, double height,
                    const std::string& content) {
  return fmt::format(
      "<svg viewBox=\"0 0 {0} {1}\" role=\"img\" aria-labelledby=\"{2}-title "
      "{2}-desc\">\n<title id=\"{2}-title\">{3}</title>\n"
      "<desc id=\"{2}-desc\">{4}</desc>\n{5}</svg>\n",
      At(width), At(height), Escape(label.id), Escape(label.title),
      Escape(label.description), content);
}

}  // namespace pinhole::lab::chart
