// SPDX-License-Identifier: BSD-2-Clause
#include "crypto_random.h"

#include <sodium.h>

void crypto_random(void *at, size_t len)
{
    randombytes_buf(at, len);
}
