#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs a standby of the primary at $PGHOST (docker/compose.postgres.yaml). The first
# start copies the primary into $PGDATA; an interrupted copy begins anew.
set -euo pipefail

if [[ ! -e $PGDATA ]]; then
  rm -rf "$PGDATA.new"
  pg_basebackup --pgdata="$PGDATA.new" --checkpoint=fast --write-recovery-conf \
    --slot=standby --dbname='user=replicator application_name=standby'
  mv "$PGDATA.new" "$PGDATA"
fi
# A promoted standby is alone: it must not wait for another one.
exec postgres -c synchronous_standby_names= "$@"
