# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced by build and check. run_npm ARGUMENTS... prints the output of npm only
# if it fails; then it exits with 77 if the registry could not be reached, and
# with 1 otherwise.

run_npm() {
  local log
  log=$(mktemp)
  if npm "$@" --ignore-scripts --prefer-offline --no-audit --no-fund >"$log" 2>&1; then
    rm "$log"
    return
  fi
  if grep -qE 'ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ETIMEDOUT' "$log"; then
    rm "$log"
    echo "client/typescript: the npm registry cannot be reached" >&2
    exit 77
  fi
  cat "$log" >&2
  rm "$log"
  exit 1
}
