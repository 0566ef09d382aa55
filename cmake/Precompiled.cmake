# SPDX-License-Identifier: Apache-2.0
# Precompiled headers: headers that most sources include and that rarely change,
# compiled once for all targets of a kind. The preset clang does without them, so
# that it still detects missing includes.
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  set(PINHOLE_PRECOMPILE_DEFAULT ON)
else()
  set(PINHOLE_PRECOMPILE_DEFAULT OFF)
endif()
option(PINHOLE_PRECOMPILE "Use precompiled headers" ${PINHOLE_PRECOMPILE_DEFAULT})
set(PINHOLE_PRECOMPILED_std
  <algorithm> <chrono> <functional> <map> <memory> <optional> <string>
  <string_view> <utility> <vector>
  <absl/container/flat_hash_map.h> <absl/status/statusor.h>
  <absl/strings/str_cat.h> <absl/synchronization/mutex.h> <absl/time/time.h>
  <fmt/format.h>)
set(PINHOLE_PRECOMPILED_proto
  ${PINHOLE_PRECOMPILED_std}
  <google/protobuf/message.h> <pinhole/v1/admin_service.pb.h>
  <pinhole/v1/photo_service.pb.h> <pinhole/v1/social_service.pb.h>
  <pinhole/v1/user_service.pb.h>)
set(PINHOLE_PRECOMPILED_grpc
  ${PINHOLE_PRECOMPILED_proto}
  <grpcpp/channel.h> <grpcpp/client_context.h>
  <pinhole/v1/admin_service.grpc.pb.h> <pinhole/v1/photo_service.grpc.pb.h>
  <pinhole/v1/social_service.grpc.pb.h> <pinhole/v1/user_service.grpc.pb.h>)
set(PINHOLE_PRECOMPILED_asio
  ${PINHOLE_PRECOMPILED_std}
  <boost/asio/awaitable.hpp> <boost/asio/co_spawn.hpp>
  <boost/asio/io_context.hpp> <boost/asio/use_awaitable.hpp>
  <google/protobuf/message.h>)
foreach(kind std proto)
  set(PINHOLE_PRECOMPILED_${kind}_test
    ${PINHOLE_PRECOMPILED_${kind}} <gmock/gmock.h> <gtest/gtest.h>)
endforeach()

# Usage: pinhole_precompile(TARGET KIND): KIND is std, proto, grpc, asio, std_test
# or proto_test.
function(pinhole_precompile target kind)
  if(NOT PINHOLE_PRECOMPILE)
    return()
  endif()
  # The first options of each compiler are for ccache. The warnings are disabled
  # because gcc 12 reports them falsely for precompiled code of the standard
  # library.
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    set(own -fpch-preprocess)
    set(options ${own} -Winvalid-pch
      -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread)
  else()
    set(own "SHELL:-Xclang -fno-pch-timestamp")
    set(options ${own})
  endif()
  set(owner pinhole_precompiled_${kind})
  if(NOT TARGET ${owner})
    file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/precompiled.cc CONTENT "")
    add_library(${owner} OBJECT ${PROJECT_BINARY_DIR}/precompiled.cc)
    target_link_libraries(${owner} PRIVATE absl::flat_hash_map absl::statusor
      absl::strings absl::synchronization absl::time fmt::fmt)
    if(kind MATCHES "^(proto|grpc|asio)")
      target_link_libraries(${owner} PRIVATE pinhole_proto)
    endif()
    if(kind MATCHES "_test$")
      target_link_libraries(${owner} PRIVATE GTest::gmock_main)
    endif()
    pinhole_options(${owner})
    target_compile_options(${owner} PRIVATE ${own})
    target_precompile_headers(${owner} PRIVATE ${PINHOLE_PRECOMPILED_${kind}})
  endif()
  target_compile_options(${target} PRIVATE ${options})
  target_precompile_headers(${target} REUSE_FROM ${owner})
endfunction()
