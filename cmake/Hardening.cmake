# SPDX-License-Identifier: Apache-2.0
# What Debian builds its packages with (dpkg-buildflags, hardening=+all), for
# optimized builds, which are what is installed: an overflow of a buffer on the
# stack ends the program, and its tables of addresses cannot be changed once it
# runs. Sanitizers find more by themselves, and miss what _FORTIFY_SOURCE wraps.
include(CheckCXXCompilerFlag)

set(hardening -fstack-protector-strong -Wformat -Werror=format-security
  -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
# Not every processor and compiler has these.
foreach(flag -fstack-clash-protection -fcf-protection)
  string(MAKE_C_IDENTIFIER "PINHOLE_HAS${flag}" known)
  check_cxx_compiler_flag(${flag} ${known})
  if(${known})
    list(APPEND hardening ${flag})
  endif()
endforeach()

if(NOT CMAKE_CXX_FLAGS MATCHES "-fsanitize")
  set(optimized "$<CONFIG:Release,RelWithDebInfo,MinSizeRel>")
  add_compile_options("$<${optimized}:${hardening}>")
  add_link_options("$<${optimized}:LINKER:-z,relro,-z,now>")
endif()
