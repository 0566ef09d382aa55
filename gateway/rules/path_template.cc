// SPDX-License-Identifier: Apache-2.0

#include "gateway/rules/path_template.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "fmt/format.h"

namespace pinhole::gateway {
namespace {

using Kind = PathTemplate::Kind;

bool IsLiteralCharacter(char c) {
  // Unreserved characters and sub-delimiters of RFC 3986, except those that are
  // special in templates.
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         std::string_view("-._~!$&'()+,;@").find(c) != std::string_view::npos;
}

bool IsIdentifierCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
}

// A recursive-descent parser that stops at the first error.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  absl::StatusOr<PathTemplate> Parse() {
    if (!Take('/')) return Error("must start with /");
    if (absl::Status status = ParseSegments(); !status.ok()) return status;
    if (Take(':')) {
      result_.verb = TakeWhile(IsLiteralCharacter);
      if (result_.verb.empty()) return Error("has an empty verb");
    }
    if (position_ != text_.size()) return Error("has an unexpected character");
    if (absl::Status status = CheckDoubleStar(); !status.ok()) return status;
    return std::move(result_);
  }

 private:
  absl::Status ParseSegments() {
    do {
      if (absl::Status status = ParseSegment(); !status.ok()) return status;
    } while (Take('/'));
    return absl::OkStatus();
  }

  absl::Status ParseSegment() {
    if (Peek('{')) return ParseVariable();
    if (Take('*')) {
      const Kind kind = Take('*') ? Kind::kDoubleStar : Kind::kStar;
      result_.segments.push_back({kind, ""});
      return absl::OkStatus();
    }
    std::string literal = TakeWhile(IsLiteralCharacter);
    if (literal.empty()) return Error("has an empty or malformed segment");
    result_.segments.push_back({Kind::kLiteral, std::move(literal)});
    return absl::OkStatus();
  }

  absl::Status ParseVariable() {
    if (in_variable_) return Error("has a variable inside a variable");
    Take('{');
    in_variable_ = true;
    PathTemplate::Variable variable;
    variable.begin = result_.segments.size();
    if (absl::Status status = ParseFieldPath(&variable.field_path);
        !status.ok()) {
      return status;
    }
    if (Take('=')) {
      if (absl::Status status = ParseSegments(); !status.ok()) return status;
    } else {
      result_.segments.push_back({Kind::kStar, ""});
    }
    if (!Take('}')) return Error("has a variable without }");
    in_variable_ = false;
    variable.end = result_.segments.size();
    for (const PathTemplate::Variable& other : result_.variables) {
      if (other.field_path == variable.field_path) {
        return Error(fmt::format("binds {} twice", variable.field_path));
      }
    }
    result_.variables.push_back(std::move(variable));
    return absl::OkStatus();
  }

  absl::Status ParseFieldPath(std::string* path) {
    do {
      const std::string name = TakeWhile(IsIdentifierCharacter);
      if (name.empty() || absl::ascii_isdigit(name.front())) {
        return Error("has a malformed field path");
      }
      if (!path->empty()) *path += '.';
      *path += name;
    } while (Take('.'));
    return absl::OkStatus();
  }

  absl::Status CheckDoubleStar() const {
    bool seen = false;
    for (const PathTemplate::Segment& segment : result_.segments) {
      if (seen && segment.kind != Kind::kLiteral) {
        return Error("has something other than a literal after **");
      }
      seen = seen || segment.kind == Kind::kDoubleStar;
    }
    return absl::OkStatus();
  }

  bool Peek(char c) const {
    return position_ < text_.size() && text_[position_] == c;
  }
  bool Take(char c) {
    if (!Peek(c)) return false;
    ++position_;
    return true;
  }
  std::string TakeWhile(bool (*accepts)(char)) {
    const std::size_t begin = position_;
    while (position_ < text_.size() && accepts(text_[position_])) ++position_;
    return std::string(text_.substr(begin, position_ - begin));
  }
  absl::Status Error(std::string_view what) const {
    return absl::InvalidArgumentError(
        fmt::format("path template \"{}\" {} (at {})", text_, what, position_));
  }

  const std::string_view text_;
  std::size_t position_ = 0;
  bool in_variable_ = false;
  PathTemplate result_;
};

}  // namespace

absl::StatusOr<PathTemplate> ParsePathTemplate(std::string_view text) {
  return Parser(text).Parse();
}

}  // namespace pinhole::gateway
