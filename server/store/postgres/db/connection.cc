// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/db/connection.h"
