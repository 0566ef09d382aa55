// SPDX-License-Identifier: Apache-2.0

// PINHOLE_SANITIZED is defined in builds with a sanitizer whose runtime
// replaces the allocator and needs more of the system than a decoder may use.

#pragma once

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define PINHOLE_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define PINHOLE_SANITIZED
#endif
#endif
