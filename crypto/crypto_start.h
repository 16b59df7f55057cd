// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What only hosts have: libsodium's start-up and random numbers.

#include "status.h"

// Lets libsodium choose its code for this processor. Call it first, before any thread exists.
// Fails with STATUS_HOST_REFUSED when the system gives no random numbers.
MUST_CHECK enum status crypto_start(void);
