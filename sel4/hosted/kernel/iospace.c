// SPDX-License-Identifier: BSD-2-Clause
#include "internal.h"

// A kernel with IOMMU support on a board without one (seL4 manual, 8.3): I/O page tables exist, but
// there is no I/O space to map them into.
enum sel4_error iospace_decode(struct kernel *k, struct invocation *inv)
{
    (void)k;
    switch (inv->operation) {
    case SEL4_INVOCATION_IO_PAGE_TABLE_MAP:
        return invocation_has(inv, 1, 1) ? invocation_capability(inv, 1)
                                         : SEL4_ERROR_TRUNCATED_MESSAGE;
    case SEL4_INVOCATION_IO_PAGE_TABLE_UNMAP:
        return SEL4_ERROR_NONE;
    default:
        return SEL4_ERROR_ILLEGAL_OPERATION;
    }
}
