// SPDX-License-Identifier: Apache-2.0

// CheckJson: Boost.JSON's strict parser calls a handler, which checks each
// token with a JsonWalk and writes the text anew.

#include <cstdint>
#include <string>
#include <utility>

#include "boost/json/basic_parser_impl.hpp"
#include "boost/json/serialize.hpp"
#include "boost/json/string.hpp"
#include "boost/json/value.hpp"
#include "fmt/format.h"
#include "gateway/http/http_error.h"
#include "gateway/rules/field_value.h"
#include "gateway/transcode/json.h"
#include "gateway/transcode/json_limits.h"
#include "gateway/transcode/json_walk.h"

namespace pinhole::gateway {
namespace {

using boost::json::error_code;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using Text = boost::json::string_view;

// Boost.JSON prescribes the names and signatures of the on_... functions.
class Handler {
 public:
  static constexpr std::size_t max_object_size = -1;
  static constexpr std::size_t max_array_size = -1;
  static constexpr std::size_t max_key_size = -1;
  static constexpr std::size_t max_string_size = -1;

  explicit Handler(const JsonWalk& walk) : walk_(walk) {}

  std::string TakeText() { return std::move(out_); }
  const absl::Status& status() const { return status_; }
  const JsonWalk& walk() const { return walk_; }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }

  bool on_object_begin(error_code& ec) {
    return Proceed(walk_.BeginObject(), ec) && Open('{');
  }
  bool on_object_end(std::size_t, error_code&) {
    walk_.EndObject();
    return Close('}');
  }
  bool on_array_begin(error_code& ec) {
    return Proceed(walk_.BeginArray(), ec) && Open('[');
  }
  bool on_array_end(std::size_t, error_code&) {
    walk_.EndArray();
    return Close(']');
  }

  bool on_key_part(Text text, std::size_t, error_code&) {
    part_.append(text.data(), text.size());
    return true;
  }
  bool on_key(Text text, std::size_t, error_code& ec) {
    part_.append(text.data(), text.size());
    const std::string name = std::exchange(part_, {});
    if (!Proceed(walk_.Key(name), ec)) return false;
    Separate();
    Quote(name);
    out_ += ':';
    first_ = true;  // There is no comma between a key and its value.
    return true;
  }

  bool on_string_part(Text text, std::size_t, error_code&) {
    part_.append(text.data(), text.size());
    return true;
  }
  bool on_string(Text text, std::size_t, error_code& ec) {
    part_.append(text.data(), text.size());
    const std::string value = std::exchange(part_, {});
    if (!Proceed(walk_.OnScalar(JsonWalk::Scalar::kString, value), ec)) {
      return false;
    }
    Separate();
    const FieldDescriptor* field = walk_.field();
    // protobuf knows only the full names of enum values.
    const auto* named = field == nullptr || field->enum_type() == nullptr
                            ? nullptr
                            : FindEnumValue(*field->enum_type(), value);
    Quote(named == nullptr ? value : named->name());
    return true;
  }

  bool on_number_part(Text, error_code&) { return true; }
  bool on_int64(std::int64_t, Text text, error_code& ec) {
    return Literal(JsonWalk::Scalar::kInteger, text, ec);
  }
  bool on_uint64(std::uint64_t, Text text, error_code& ec) {
    return Literal(JsonWalk::Scalar::kInteger, text, ec);
  }
  bool on_double(double, Text text, error_code& ec) {
    return Literal(JsonWalk::Scalar::kReal, text, ec);
  }
  bool on_bool(bool value, error_code& ec) {
    return Literal(JsonWalk::Scalar::kBool, value ? "true" : "false", ec);
  }
  bool on_null(error_code& ec) {
    if (!Proceed(walk_.OnNull(), ec)) return false;
    Separate();
    out_ += "null";
    return true;
  }

  bool on_comment_part(Text, error_code&) { return true; }
  bool on_comment(Text, error_code&) { return true; }

 private:
  // Called for each name and each value.
  bool Proceed(absl::Status status, error_code& ec) {
    if (status.ok() && ++parts_ > kMaxJsonParts) {
      status = MakeError(
          Reason::kMalformedJson,
          fmt::format("the body must have at most {} names and values",
                      kMaxJsonParts));
    }
    if (status.ok()) return true;
    status_ = std::move(status);
    ec = make_error_code(boost::json::error::syntax);
    return false;
  }

  bool Literal(JsonWalk::Scalar kind, Text text, error_code& ec) {
    if (!Proceed(walk_.OnScalar(kind, {text.data(), text.size()}), ec)) {
      return false;
    }
    Separate();
    out_.append(text.data(), text.size());
    // protobuf would parse it as an integer, for which -0 is 0.
    if (text == "-0" && MayBeReal()) out_ += ".0";
    return true;
  }

  bool MayBeReal() const {
    const FieldDescriptor* field = walk_.field();
    return field == nullptr || field->message_type() != nullptr ||
           field->cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE ||
           field->cpp_type() == FieldDescriptor::CPPTYPE_FLOAT;
  }

  bool Open(char bracket) {
    Separate();
    out_ += bracket;
    first_ = true;
    return true;
  }
  bool Close(char bracket) {
    out_ += bracket;
    first_ = false;
    return true;
  }
  void Separate() {
    if (!first_) out_ += ',';
    first_ = false;
  }

  void Quote(const std::string& text) {
    out_ += boost::json::serialize(
        boost::json::string(Text(text.data(), text.size())));
  }

  JsonWalk walk_;
  bool first_ = true;  // The next value needs no comma before it.
  std::size_t parts_ = 0;
  std::string part_;
  std::string out_;
  absl::Status status_;
};

absl::StatusOr<CheckedJson> Check(std::string_view text, std::size_t max_depth,
                                  const JsonWalk& walk) {
  boost::json::parse_options options;
  options.max_depth = max_depth;
  boost::json::basic_parser<Handler> parser(options, walk);
  error_code error;
  const std::size_t used =
      parser.write_some(false, text.data(), text.size(), error);
  Handler& handler = parser.handler();
  if (!handler.status().ok()) return handler.status();
  if (error == boost::json::error::exponent_overflow) {
    return InvalidField(handler.walk().Path(), "must be a number in range");
  }
  if (!error && used < text.size()) error = boost::json::error::extra_data;
  if (error) {
    return MakeError(Reason::kMalformedJson,
                     fmt::format("the body is not JSON: {} at byte {}",
                                 error.message(), used));
  }
  return CheckedJson{handler.TakeText(), handler.walk().leaves()};
}

}  // namespace

absl::StatusOr<CheckedJson> CheckJson(std::string_view text,
                                      std::size_t max_depth,
                                      const Descriptor& type) {
  return Check(text, max_depth, JsonWalk(type));
}

absl::StatusOr<CheckedJson> CheckJson(std::string_view text,
                                      std::size_t max_depth,
                                      const FieldDescriptor& field) {
  return Check(text, max_depth, JsonWalk(field));
}

}  // namespace pinhole::gateway
