// SPDX-License-Identifier: BSD-2-Clause
#include <kpkg.h>

int main(void)
{
    return kpkg_print(kpkg_cap("log"), "built outside, incarnation %lu", kpkg_record()->incarnation)
               ? 0
               : 1;
}
