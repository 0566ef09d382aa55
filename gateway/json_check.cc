// SPDX-License-Identifier: Apache-2.0

// CheckJson: Boost.JSON's strict parser feeds a handler that walks the message
// type alongside and writes the text anew.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "boost/json/basic_parser_impl.hpp"
#include "boost/json/serialize.hpp"
#include "boost/json/string.hpp"
#include "boost/json/value.hpp"
#include "fmt/format.h"
#include "gateway/field_value.h"
#include "gateway/http_error.h"
#include "gateway/json.h"

namespace pinhole::gateway {
namespace {

using boost::json::error_code;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using Text = boost::json::string_view;

// Types of this package have a JSON form of their own (a time is a string).
bool HasOwnForm(const google::protobuf::FileDescriptor& file) {
  return file.package() == "google.protobuf";
}

// Names and signatures of the on_... functions are Boost.JSON's.
class Handler {
 public:
  static constexpr std::size_t max_object_size = -1;
  static constexpr std::size_t max_array_size = -1;
  static constexpr std::size_t max_key_size = -1;
  static constexpr std::size_t max_string_size = -1;

  explicit Handler(const Descriptor& root) : root_(root) {}

  std::string TakeText() { return std::move(out_); }
  const absl::Status& status() const { return status_; }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }

  bool on_object_begin(error_code& ec) {
    if (!BeginValue(Shape::kObject, ec)) return false;
    Level level;
    if (levels_.empty()) {
      level.type = &root_;
    } else if (const FieldDescriptor* field = levels_.back().field) {
      if (field->is_map()) {
        level.shape = Shape::kMap;
        level.field = field->message_type()->map_value();
      } else if (field->message_type() != nullptr &&
                 !HasOwnForm(*field->message_type()->file())) {
        level.type = field->message_type();
      }
    }
    levels_.push_back(std::move(level));
    out_ += '{';
    return true;
  }
  bool on_object_end(std::size_t, error_code&) {
    levels_.pop_back();
    out_ += '}';
    return true;
  }

  bool on_array_begin(error_code& ec) {
    if (!BeginValue(Shape::kArray, ec)) return false;
    Level level;
    level.shape = Shape::kArray;
    const FieldDescriptor* field = levels_.back().field;
    if (field != nullptr && field->is_repeated() && !field->is_map()) {
      level.field = field;
    }
    levels_.push_back(std::move(level));
    out_ += '[';
    return true;
  }
  bool on_array_end(std::size_t, error_code&) {
    levels_.pop_back();
    out_ += ']';
    return true;
  }

  bool on_key_part(Text text, std::size_t, error_code&) {
    part_.append(text.data(), text.size());
    return true;
  }
  bool on_key(Text text, std::size_t, error_code& ec) {
    part_.append(text.data(), text.size());
    const std::string name = std::exchange(part_, {});
    Level& level = levels_.back();
    level.key = name;
    std::string identity = name;
    if (level.type != nullptr) {
      level.field = FindField(*level.type, name);
      if (level.field == nullptr) {
        return Fail(InvalidField(Path(), "is not a field of the request"), ec);
      }
      identity = level.field->name();  // One field, however it is spelled.
    }
    if (!level.keys.insert(std::move(identity)).second) {
      return Fail(InvalidField(Path(), "is given twice"), ec);
    }
    Comma();
    Quote(name);
    out_ += ':';
    return true;
  }

  bool on_string_part(Text text, std::size_t, error_code&) {
    part_.append(text.data(), text.size());
    return true;
  }
  bool on_string(Text text, std::size_t, error_code& ec) {
    part_.append(text.data(), text.size());
    const std::string value = std::exchange(part_, {});
    if (!BeginValue(Shape::kScalar, ec)) return false;
    const FieldDescriptor* field = levels_.back().field;
    if (field == nullptr || field->enum_type() == nullptr ||
        HasOwnForm(*field->enum_type()->file())) {
      Quote(value);
      return true;
    }
    const auto* named = FindEnumValue(*field->enum_type(), value);
    if (named == nullptr) {
      return Fail(InvalidField(Path(), fmt::format("is not a value of {}",
                                                   field->enum_type()->name())),
                  ec);
    }
    Quote(named->name());
    return true;
  }

  bool on_number_part(Text, error_code&) { return true; }
  bool on_int64(std::int64_t, Text text, error_code& ec) {
    return Literal(text, ec);
  }
  bool on_uint64(std::uint64_t, Text text, error_code& ec) {
    return Literal(text, ec);
  }
  bool on_double(double, Text text, error_code& ec) {
    return Literal(text, ec);
  }
  bool on_bool(bool value, error_code& ec) {
    return Literal(value ? "true" : "false", ec);
  }
  bool on_null(error_code& ec) {
    if (!levels_.empty() && levels_.back().shape == Shape::kArray &&
        levels_.back().field != nullptr) {
      return Fail(InvalidField(Path(), "has a null in a list"), ec);
    }
    if (!BeginValue(Shape::kNull, ec)) return false;
    out_ += "null";
    return true;
  }

  bool on_comment_part(Text, error_code&) { return true; }
  bool on_comment(Text, error_code&) { return true; }

 private:
  enum class Shape { kObject, kMap, kArray, kScalar, kNull };

  struct Level {
    Shape shape = Shape::kObject;
    const Descriptor* type = nullptr;        // Of an object; null if unknown.
    const FieldDescriptor* field = nullptr;  // Of the value that comes.
    bool empty = true;
    std::string key;
    absl::flat_hash_set<std::string> keys;
  };

  bool Fail(absl::Status status, error_code& ec) {
    status_ = std::move(status);
    ec = make_error_code(boost::json::error::syntax);
    return false;
  }

  // Checks what protobuf would let pass, and separates list elements.
  bool BeginValue(Shape shape, error_code& ec) {
    if (levels_.empty()) {
      if (shape == Shape::kObject) return true;
      return Fail(absl::InvalidArgumentError("the body must be a JSON object"),
                  ec);
    }
    const Level& level = levels_.back();
    if (level.shape == Shape::kArray) {
      Comma();
      return true;
    }
    const FieldDescriptor* field = level.field;
    if (field != nullptr && field->is_repeated() && !field->is_map() &&
        shape != Shape::kArray && shape != Shape::kNull) {
      return Fail(InvalidField(Path(), "must be a list"), ec);
    }
    return true;
  }

  bool Literal(Text text, error_code& ec) {
    if (!BeginValue(Shape::kScalar, ec)) return false;
    out_.append(text.data(), text.size());
    return true;
  }

  void Comma() {
    if (!levels_.back().empty) out_ += ',';
    levels_.back().empty = false;
  }

  void Quote(const std::string& text) {
    out_ += boost::json::serialize(
        boost::json::string(Text(text.data(), text.size())));
  }

  std::string Path() const {
    std::string path;
    for (const Level& level : levels_) {
      if (level.key.empty()) continue;
      if (!path.empty()) path += '.';
      path += level.key;
    }
    return path;
  }

  const Descriptor& root_;
  std::vector<Level> levels_;
  std::string part_;
  std::string out_;
  absl::Status status_;
};

}  // namespace

absl::StatusOr<std::string> CheckJson(std::string_view text,
                                      std::size_t max_depth,
                                      const Descriptor& type) {
  boost::json::parse_options options;
  options.max_depth = max_depth;
  boost::json::basic_parser<Handler> parser(options, type);
  error_code error;
  const std::size_t used =
      parser.write_some(false, text.data(), text.size(), error);
  if (!parser.handler().status().ok()) return parser.handler().status();
  if (!error && used < text.size()) error = boost::json::error::extra_data;
  if (error) {
    return absl::InvalidArgumentError(fmt::format(
        "the body is not JSON: {} at byte {}", error.message(), used));
  }
  return parser.handler().TakeText();
}

}  // namespace pinhole::gateway
