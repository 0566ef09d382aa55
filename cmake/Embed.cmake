# SPDX-License-Identifier: Apache-2.0
# Run by pinhole_embed (Targets.cmake): generates the C++ source OUT, in which
# FUNCTION, declared in HEADER, returns the bytes of the file IN.
file(READ ${IN} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
file(WRITE ${OUT} "// Made from a file by cmake/Embed.cmake.
#include \"${HEADER}\"
static constexpr unsigned char kBytes[] = {${bytes}};
std::string_view ${FUNCTION}() {
  return {reinterpret_cast<const char*>(kBytes), sizeof(kBytes)};
}
")
