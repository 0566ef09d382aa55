#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Prepares a new primary for Pinhole and for a synchronous standby. The image of
# PostgreSQL runs it once, after initdb (docker/compose.postgres.yaml).
set -euo pipefail

psql --no-psqlrc -q -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" \
  --dbname postgres <<'SQL'
CREATE ROLE replicator REPLICATION LOGIN;
CREATE ROLE pinhole LOGIN;
-- Lets the server see whether a synchronous standby is connected.
GRANT pg_read_all_stats TO pinhole;
CREATE DATABASE pinhole OWNER pinhole;
-- Keeps the log that the standby still needs.
SELECT FROM pg_create_physical_replication_slot('standby');
-- Takes effect at the next start, when the standby can connect. Until then, no
-- commit would return.
ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (standby)';
SQL
echo 'host replication replicator samenet trust' >>"$PGDATA/pg_hba.conf"
