// SPDX-License-Identifier: BSD-2-Clause
#include "crypto_start.h"

#include <sodium.h>

enum status crypto_start(void)
{
    return sodium_init() < 0 ? STATUS_HOST_REFUSED : STATUS_OK;
}
