# SPDX-License-Identifier: Apache-2.0
# find_package(pinhole) defines the target pinhole::client, with the libraries that
# pinhole.pc names. Debian's CMake files of gRPC cannot be used instead: they demand
# the code generators of all languages.
include(CMakeFindDependencyMacro)
find_dependency(PkgConfig)

if(NOT TARGET pinhole::client)
  set(pinhole_pkg_config_path "$ENV{PKG_CONFIG_PATH}")
  set(ENV{PKG_CONFIG_PATH}
    "${CMAKE_CURRENT_LIST_DIR}/../../pkgconfig:${pinhole_pkg_config_path}")
  pkg_check_modules(PINHOLE QUIET IMPORTED_TARGET pinhole)
  set(ENV{PKG_CONFIG_PATH} "${pinhole_pkg_config_path}")
  unset(pinhole_pkg_config_path)
  if(NOT PINHOLE_FOUND)
    set(pinhole_FOUND FALSE)
    set(pinhole_NOT_FOUND_MESSAGE
      "Run 'pkg-config --print-errors --exists pinhole' to see what is missing.")
    return()
  endif()
  add_library(pinhole::client INTERFACE IMPORTED)
  target_link_libraries(pinhole::client INTERFACE PkgConfig::PINHOLE)
  target_compile_features(pinhole::client INTERFACE cxx_std_20)
endif()
