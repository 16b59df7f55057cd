// SPDX-License-Identifier: BSD-2-Clause
#include "control_frame.h"

#include "crypto.h"
#include "reader.h"

// No text has the first byte, and a line that translates line ends changes the last two.
static const uint8_t magic[] = {0xab, 'k', '\r', '\n'};

enum { VERSION = 1, AT_VERSION = 4, AT_TYPE = 5, AT_LENGTH = 6, AT_NUMBER = 8 };

static void digest(uint8_t out[static CRYPTO_DIGEST], const uint8_t *frame, size_t payload)
{
    crypto_blake2b(out, (struct crypto_domain){"kpkg.control", 0, 0},
                   (struct bytes){frame, CONTROL_HEADER + payload});
}

size_t control_frame_write(uint8_t out[static CONTROL_FRAME], const struct control_frame *frame)
{
    uint8_t sum[CRYPTO_DIGEST];
    size_t len = frame->payload.len;
    memcpy(out, magic, sizeof magic);
    out[AT_VERSION] = VERSION;
    out[AT_TYPE] = frame->type;
    reader_put_le16(out + AT_LENGTH, (uint16_t)len);
    reader_put_le32(out + AT_NUMBER, frame->number);
    if (len != 0) {
        memcpy(out + CONTROL_HEADER, frame->payload.at, len);
    }
    digest(sum, out, len);
    memcpy(out + CONTROL_HEADER + len, sum, CONTROL_TRAILER);
    return CONTROL_HEADER + len + CONTROL_TRAILER;
}

static size_t payload_of(const uint8_t *frame)
{
    return (size_t)frame[AT_LENGTH] | (size_t)frame[AT_LENGTH + 1] << 8;
}

enum control_look control_frame_look(const uint8_t *at, size_t len)
{
    size_t known = len < sizeof magic ? len : sizeof magic;
    if (memcmp(at, magic, known) != 0 || (len > AT_VERSION && at[AT_VERSION] != VERSION)) {
        return CONTROL_LOOK_NOISE;
    }
    if (len < CONTROL_HEADER) {
        return CONTROL_LOOK_MORE;
    }
    size_t payload = payload_of(at);
    if (payload > CONTROL_PAYLOAD) {
        return CONTROL_LOOK_NOISE;
    }
    if (len < CONTROL_HEADER + payload + CONTROL_TRAILER) {
        return CONTROL_LOOK_MORE;
    }
    uint8_t sum[CRYPTO_DIGEST];
    digest(sum, at, payload);
    return memcmp(sum, at + CONTROL_HEADER + payload, CONTROL_TRAILER) == 0 ? CONTROL_LOOK_FRAME
                                                                            : CONTROL_LOOK_NOISE;
}

size_t control_frame_read(struct control_frame *frame, const uint8_t *at)
{
    size_t len = payload_of(at);
    struct reader number = reader_of((struct bytes){at + AT_NUMBER, 4});
    *frame = (struct control_frame){
        .type = at[AT_TYPE],
        .number = reader_u32(&number),
        .payload = {at + CONTROL_HEADER, len},
    };
    return CONTROL_HEADER + len + CONTROL_TRAILER;
}
