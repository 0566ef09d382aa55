// SPDX-License-Identifier: Apache-2.0

// What the gateway makes of a request, one line for each case.  Add a line to
// the table it belongs to: queries_test.cc, bodies_test.cc, routing_test.cc or
// answers_test.cc.  The rules are those of everything.proto.

#pragma once

#include <memory>
#include <string>

#include "boost/json/value.hpp"
#include "gateway/connection/observer.h"
#include "gateway/http_server.h"
#include "gtest/gtest.h"
#include "tests/conformance/echo_upstream.h"
#include "tests/unit/gateway/front/raw_client.h"

namespace pinhole::gateway {

struct Case {
  const char* method;
  const char* target;
  const char* body;
  int code;
  // Of 200: the request that the server gets, and with which it answers, as
  // JSON (fields that are not in it are not set).  Of an error: the field that
  // it names in BadRequest, by its proto name; empty if it names none.
  const char* expected;
  const char* headers = "";  // "Name: value\r\n"...
};

class ConformanceTest : public ::testing::Test {
 protected:
  explicit ConformanceTest(JsonNames names = JsonNames::kJson);

  void Check(const Case& c);
  RawClient::Answer Send(const std::string& method, const std::string& target,
                         const std::string& body,
                         const std::string& headers = "");

  EchoUpstream echo_;

 private:
  class NoObserver final : public Observer {
   public:
    void Started(std::string_view) override {}
    void Finished(const AccessRecord&) override {}
  };

  void CheckEcho(const RawClient::Answer& answer, const Case& c);
  void CheckError(const RawClient::Answer& answer, const Case& c);

  const JsonNames names_;
  NoObserver observer_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace pinhole::gateway
