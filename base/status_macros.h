// SPDX-License-Identifier: Apache-2.0

// RETURN_IF_ERROR(status_expression);
// ASSIGN_OR_RETURN(lhs, status_or_expression);
// and CO_RETURN_IF_ERROR and CO_ASSIGN_OR_RETURN for coroutines.

#pragma once

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define PINHOLE_CONCAT_INNER(a, b) a##b
#define PINHOLE_CONCAT(a, b) PINHOLE_CONCAT_INNER(a, b)

#define PINHOLE_RETURN_IF_ERROR(leave, expression)                          \
  do {                                                                      \
    if (absl::Status pinhole_status = (expression); !pinhole_status.ok()) { \
      leave pinhole_status;                                                 \
    }                                                                       \
  } while (false)

#define PINHOLE_ASSIGN_OR_RETURN(leave, result, lhs, expression) \
  auto result = (expression);                                    \
  if (!result.ok()) leave std::move(result).status();            \
  lhs = *std::move(result)

#define RETURN_IF_ERROR(expression) PINHOLE_RETURN_IF_ERROR(return, expression)
#define CO_RETURN_IF_ERROR(expression) \
  PINHOLE_RETURN_IF_ERROR(co_return, expression)

#define ASSIGN_OR_RETURN(lhs, expression)                                      \
  PINHOLE_ASSIGN_OR_RETURN(return, PINHOLE_CONCAT(pinhole_or_, __LINE__), lhs, \
                                 expression)
#define CO_ASSIGN_OR_RETURN(lhs, expression)                                 \
  PINHOLE_ASSIGN_OR_RETURN(co_return, PINHOLE_CONCAT(pinhole_or_, __LINE__), \
                           lhs, expression)
