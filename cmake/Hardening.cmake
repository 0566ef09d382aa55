# SPDX-License-Identifier: Apache-2.0
# The hardening flags of Debian packages (dpkg-buildflags, hardening=+all) for
# optimized builds: a stack buffer overflow terminates the program, and relocated
# tables are read-only at run time. Not for sanitizers, which find more errors, but
# do not see calls wrapped by _FORTIFY_SOURCE.
include(CheckCXXCompilerFlag)

set(hardening -fstack-protector-strong -Wformat -Werror=format-security
  -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
# Not available on all architectures and compilers.
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
