// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Little-endian reading of untrusted bytes: the only place where their bounds are decided. A read
// past the end sets `failed`, yields zero and reads nothing more, so a caller may read a whole
// header and check once.

#include "bytes.h"

struct reader {
    struct bytes from;
    size_t pos;
    bool failed;
};

// At the first byte; borrows.
struct reader reader_of(struct bytes from);
uint8_t reader_u8(struct reader *r);
uint16_t reader_u16(struct reader *r);
uint32_t reader_u32(struct reader *r);
uint64_t reader_u64(struct reader *r);

// The next `len` bytes, borrowed from the input; empty on failure.
struct bytes reader_take(struct reader *r, size_t len);

// Writing of the same forms, to memory that the caller has sized.
void reader_put_le16(uint8_t *at, uint16_t value);
void reader_put_le32(uint8_t *at, uint32_t value);
void reader_put_le64(uint8_t *at, uint64_t value);
