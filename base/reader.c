// SPDX-License-Identifier: BSD-2-Clause
#include "reader.h"

struct reader reader_of(struct bytes from)
{
    return (struct reader){.from = from};
}

struct bytes reader_take(struct reader *r, size_t len)
{
    if (r->failed || len > r->from.len - r->pos) {
        r->failed = true;
        return (struct bytes){r->from.at, 0};
    }
    struct bytes part = bytes_part(r->from, r->pos, len);
    r->pos += len;
    return part;
}

static uint64_t read_le(struct reader *r, size_t width)
{
    struct bytes part = reader_take(r, width);
    uint64_t value = 0;
    for (size_t i = part.len; i > 0; i--) {
        value = value << 8 | part.at[i - 1];
    }
    return value;
}

uint8_t reader_u8(struct reader *r)
{
    return (uint8_t)read_le(r, 1);
}

uint16_t reader_u16(struct reader *r)
{
    return (uint16_t)read_le(r, 2);
}

uint32_t reader_u32(struct reader *r)
{
    return (uint32_t)read_le(r, 4);
}

uint64_t reader_u64(struct reader *r)
{
    return read_le(r, 8);
}

static void put_le(uint8_t *at, uint64_t value, size_t width)
{
    for (size_t i = 0; i < width; i++) {
        at[i] = (uint8_t)(value >> (8 * i));
    }
}

void reader_put_le16(uint8_t *at, uint16_t value)
{
    put_le(at, value, 2);
}

void reader_put_le32(uint8_t *at, uint32_t value)
{
    put_le(at, value, 4);
}

void reader_put_le64(uint8_t *at, uint64_t value)
{
    put_le(at, value, 8);
}
