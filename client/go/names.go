// SPDX-License-Identifier: Apache-2.0

package pinhole

import "strings"

// UserName returns the resource name of a user: "users/ansel" for "ansel",
// "@ansel" or "users/ansel". "me" is the caller.
func UserName(user string) string {
	handle := strings.TrimPrefix(strings.TrimPrefix(user, "users/"), "@")
	return "users/" + strings.ToLower(handle)
}

// PhotoName returns the resource name of a photo: "photos/123" for "123" or
// "photos/123".
func PhotoName(photo string) string {
	return "photos/" + strings.TrimPrefix(photo, "photos/")
}
