# SPDX-License-Identifier: Apache-2.0
# All dependencies are packages of Debian 12 or 13, listed in script/setup.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(absl REQUIRED)
find_package(GTest REQUIRED)
find_package(fmt REQUIRED)
find_package(Boost 1.81 CONFIG REQUIRED COMPONENTS json)
find_package(CLI11 REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(CURL 7.88 REQUIRED)
pkg_check_modules(GRPC REQUIRED IMPORTED_TARGET grpc++)
pkg_check_modules(PROTOBUF REQUIRED IMPORTED_TARGET protobuf)
pkg_check_modules(ICU REQUIRED IMPORTED_TARGET icu-uc)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(LIBPQ REQUIRED IMPORTED_TARGET libpq)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(VIPS REQUIRED IMPORTED_TARGET vips)
pkg_check_modules(HEIF REQUIRED IMPORTED_TARGET libheif)
pkg_check_modules(SECCOMP REQUIRED IMPORTED_TARGET libseccomp)
find_package(JPEG REQUIRED)
find_package(SQLiteCpp REQUIRED)
find_package(prometheus-cpp REQUIRED COMPONENTS core)
# The runtime library, so that the development package is not needed: it depends on
# libunwind-dev, which conflicts with LLVM's.
find_library(TCMALLOC_LIBRARY NAMES libtcmalloc_minimal.so.4 REQUIRED)
find_program(PROTOC protoc REQUIRED)
find_program(GRPC_CPP_PLUGIN grpc_cpp_plugin REQUIRED)

# The directory of the google/rpc protos. Those of google/api are in proto/.
set(PINHOLE_GOOGLEAPIS_DIR
    /usr/share/gocode/src/github.com/gogo/googleapis
    CACHE PATH "Import root of google/rpc/status.proto")
if(NOT EXISTS ${PINHOLE_GOOGLEAPIS_DIR}/google/rpc/status.proto)
  message(FATAL_ERROR
    "google/rpc/status.proto not found below ${PINHOLE_GOOGLEAPIS_DIR}. "
    "Install golang-github-gogo-googleapis-dev (script/setup does) or set "
    "PINHOLE_GOOGLEAPIS_DIR.")
endif()
