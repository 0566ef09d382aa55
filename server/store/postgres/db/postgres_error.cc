// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/db/postgres_error.h"
