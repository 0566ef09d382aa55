// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_GATEWAY_ANSWER_H_
#define PINHOLE_GATEWAY_ANSWER_H_

#include <string_view>

#include "gateway/http_message.h"

namespace pinhole::gateway {

// What the operator wants of all answers: nothing as yet.
struct AnswerPolicy {};

// The headers that every answer has, whole or in pieces, errors too.
void AddCommonHeaders(const RequestHead& head, std::string_view request_id,
                      const AnswerPolicy& policy, Response* response);

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_ANSWER_H_
