// SPDX-License-Identifier: Apache-2.0

// Tells the thread sanitizer about abseil's locks.  Debian's abseil is not
// instrumented and waits in the kernel by itself, so without this every value
// that a Mutex guards would look like a race.  The linker puts each function
// here before the one of abseil's that it names (--wrap, see CMakeLists.txt).
//
// Between `pre` and `post` the sanitizer looks away: abseil may evaluate other
// threads' conditions there, with the lock held.

#include <sanitizer/tsan_interface.h>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

namespace {

void BeforeUnlock(absl::Mutex* mutex) {
  __tsan_mutex_pre_unlock(mutex, 0);
  __tsan_mutex_post_unlock(mutex, 0);
}

class Locking {
 public:
  explicit Locking(absl::Mutex* mutex, unsigned flags = 0)
      : mutex_(mutex), flags_(flags) {
    __tsan_mutex_pre_lock(mutex_, flags_);
  }
  ~Locking() { __tsan_mutex_post_lock(mutex_, flags_, 0); }

  Locking(const Locking&) = delete;
  Locking& operator=(const Locking&) = delete;

 private:
  absl::Mutex* mutex_;
  unsigned flags_;
};

}  // namespace

// The names are those of Debian's abseil, whose inline namespace is debian3.
#define REAL(name) __real__ZN4absl7debian3##name
#define WRAP(name) __wrap__ZN4absl7debian3##name
#define REAL_CONST(name) __real__ZNK4absl7debian3##name
#define WRAP_CONST(name) __wrap__ZNK4absl7debian3##name

extern "C" {

void REAL(5Mutex4LockEv)(absl::Mutex*);
void WRAP(5Mutex4LockEv)(absl::Mutex* mutex) {
  const Locking locking(mutex);
  REAL(5Mutex4LockEv)(mutex);
}

void REAL(5Mutex6UnlockEv)(absl::Mutex*);
void WRAP(5Mutex6UnlockEv)(absl::Mutex* mutex) {
  __tsan_mutex_pre_unlock(mutex, 0);
  REAL(5Mutex6UnlockEv)(mutex);
  __tsan_mutex_post_unlock(mutex, 0);
}

bool REAL(5Mutex7TryLockEv)(absl::Mutex*);
bool WRAP(5Mutex7TryLockEv)(absl::Mutex* mutex) {
  __tsan_mutex_pre_lock(mutex, __tsan_mutex_try_lock);
  const bool locked = REAL(5Mutex7TryLockEv)(mutex);
  __tsan_mutex_post_lock(
      mutex,
      __tsan_mutex_try_lock | (locked ? 0 : __tsan_mutex_try_lock_failed), 0);
  return locked;
}

void REAL(5Mutex10ReaderLockEv)(absl::Mutex*);
void WRAP(5Mutex10ReaderLockEv)(absl::Mutex* mutex) {
  const Locking locking(mutex, __tsan_mutex_read_lock);
  REAL(5Mutex10ReaderLockEv)(mutex);
}

void REAL(5Mutex12ReaderUnlockEv)(absl::Mutex*);
void WRAP(5Mutex12ReaderUnlockEv)(absl::Mutex* mutex) {
  __tsan_mutex_pre_unlock(mutex, __tsan_mutex_read_lock);
  REAL(5Mutex12ReaderUnlockEv)(mutex);
  __tsan_mutex_post_unlock(mutex, __tsan_mutex_read_lock);
}

void REAL(5Mutex8LockWhenERKNS0_9ConditionE)(absl::Mutex*,
                                             const absl::Condition&);
void WRAP(5Mutex8LockWhenERKNS0_9ConditionE)(absl::Mutex* mutex,
                                             const absl::Condition& until) {
  const Locking locking(mutex);
  REAL(5Mutex8LockWhenERKNS0_9ConditionE)(mutex, until);
}

void REAL(5Mutex5AwaitERKNS0_9ConditionE)(absl::Mutex*, const absl::Condition&);
void WRAP(5Mutex5AwaitERKNS0_9ConditionE)(absl::Mutex* mutex,
                                          const absl::Condition& until) {
  BeforeUnlock(mutex);
  const Locking locking(mutex);
  REAL(5Mutex5AwaitERKNS0_9ConditionE)(mutex, until);
}

bool REAL(5Mutex16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE)(
    absl::Mutex*, const absl::Condition&, absl::Duration);
bool WRAP(5Mutex16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE)(
    absl::Mutex* mutex, const absl::Condition& until, absl::Duration timeout) {
  BeforeUnlock(mutex);
  const Locking locking(mutex);
  return REAL(5Mutex16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE)(
      mutex, until, timeout);
}

void REAL(12Notification6NotifyEv)(absl::Notification*);
void WRAP(12Notification6NotifyEv)(absl::Notification* notification) {
  __tsan_release(notification);
  REAL(12Notification6NotifyEv)(notification);
}

void REAL_CONST(12Notification19WaitForNotificationEv)(absl::Notification*);
void WRAP_CONST(12Notification19WaitForNotificationEv)(
    absl::Notification* notification) {
  REAL_CONST(12Notification19WaitForNotificationEv)(notification);
  __tsan_acquire(notification);
}

bool REAL_CONST(12Notification30WaitForNotificationWithTimeoutENS0_8DurationE)(
    absl::Notification*, absl::Duration);
bool WRAP_CONST(12Notification30WaitForNotificationWithTimeoutENS0_8DurationE)(
    absl::Notification* notification, absl::Duration timeout) {
  const bool notified =
      REAL_CONST(12Notification30WaitForNotificationWithTimeoutENS0_8DurationE)(
          notification, timeout);
  if (notified) __tsan_acquire(notification);
  return notified;
}

bool REAL(15BlockingCounter14DecrementCountEv)(absl::BlockingCounter*);
bool WRAP(15BlockingCounter14DecrementCountEv)(absl::BlockingCounter* counter) {
  __tsan_release(counter);
  return REAL(15BlockingCounter14DecrementCountEv)(counter);
}

void REAL(15BlockingCounter4WaitEv)(absl::BlockingCounter*);
void WRAP(15BlockingCounter4WaitEv)(absl::BlockingCounter* counter) {
  REAL(15BlockingCounter4WaitEv)(counter);
  __tsan_acquire(counter);
}

}  // extern "C"
