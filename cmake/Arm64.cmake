# SPDX-License-Identifier: Apache-2.0
# Toolchain for compiling for arm64 on another architecture (script/check-arm64).
# Libraries are the arm64 packages of Debian, which Debian installs beside those of
# the machine's own architecture; programs run by the build are the machine's.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(PKG_CONFIG_EXECUTABLE aarch64-linux-gnu-pkg-config CACHE FILEPATH "")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
# Tests and the programs that print manuals run in this emulator.
set(CMAKE_CROSSCOMPILING_EMULATOR /usr/bin/qemu-aarch64)
