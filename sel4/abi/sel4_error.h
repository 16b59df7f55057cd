// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Errors of an invocation: the label of the answer to a Call. Words that follow in MR0..:
// INVALID_ARGUMENT argument index; INVALID_CAPABILITY cap index (0 = the invoked cap, n = extra cap
// n); RANGE_ERROR min, max; FAILED_LOOKUP 1 for a source look-up else 0, then a look-up failure;
// NOT_ENOUGH_MEMORY bytes free in the untyped. The others carry none.

enum sel4_error {
    SEL4_ERROR_NONE,
    SEL4_ERROR_INVALID_ARGUMENT,
    SEL4_ERROR_INVALID_CAPABILITY,
    SEL4_ERROR_ILLEGAL_OPERATION,
    SEL4_ERROR_RANGE_ERROR,
    SEL4_ERROR_ALIGNMENT_ERROR,
    SEL4_ERROR_FAILED_LOOKUP,
    SEL4_ERROR_TRUNCATED_MESSAGE,
    SEL4_ERROR_DELETE_FIRST,
    SEL4_ERROR_REVOKE_FIRST,
    SEL4_ERROR_NOT_ENOUGH_MEMORY,
    SEL4_ERROR_COUNT,
};

// A look-up failure: the type, then the words named here. In a failed-lookup error the type is MR1,
// in a cap fault it is MR3.
enum sel4_lookup_failure {
    SEL4_LOOKUP_NONE,
    SEL4_LOOKUP_INVALID_ROOT,       // no words
    SEL4_LOOKUP_MISSING_CAPABILITY, // bits left
    SEL4_LOOKUP_DEPTH_MISMATCH,     // bits left, bits found
    SEL4_LOOKUP_GUARD_MISMATCH,     // bits left, guard found, guard size
};
