// SPDX-License-Identifier: BSD-2-Clause

// The control channel's frames on a line that loses, adds and changes bytes, and its messages.

#include "control_decoder.h"
#include "control_message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct stream {
    struct control_decoder decoder;
    struct control_frame last;
    uint8_t payload[CONTROL_PAYLOAD];
    unsigned frames;
};

static void feed(struct stream *s, const uint8_t *at, size_t len)
{
    struct control_frame frame;
    for (size_t i = 0; i < len; i++) {
        bool whole = control_decoder_put(&s->decoder, at[i]);
        while (whole && control_decoder_next(&frame, &s->decoder)) {
            s->last = frame;
            memcpy(s->payload, frame.payload.at, frame.payload.len);
            s->last.payload.at = s->payload;
            s->frames++;
        }
    }
}

static size_t make(uint8_t *out, uint32_t number, size_t len)
{
    static uint8_t payload[CONTROL_PAYLOAD];
    memset(payload, (int)number, sizeof payload);
    struct control_frame frame = {
        .type = CONTROL_LIST, .number = number, .payload = {payload, len}};
    return control_frame_write(out, &frame);
}

static void test_frames_of_every_length_come_through(void **state)
{
    (void)state;
    static struct stream s;
    uint8_t bytes[CONTROL_FRAME];
    for (size_t len = 0; len <= CONTROL_PAYLOAD; len++) {
        feed(&s, bytes, make(bytes, (uint32_t)len, len));
        assert_int_equal(s.frames, len + 1);
        assert_int_equal(s.last.number, len);
        assert_int_equal(s.last.type, CONTROL_LIST);
        assert_int_equal(s.last.payload.len, len);
        assert_memory_equal(s.payload, bytes + CONTROL_HEADER, len);
    }
    assert_int_equal(s.decoder.noise, 0);
}

static void test_every_changed_bit_is_seen(void **state)
{
    (void)state;
    uint8_t bytes[CONTROL_FRAME], good[CONTROL_FRAME];
    size_t len = make(bytes, 3, 40), good_len = make(good, 4, 1);
    for (size_t bit = 0; bit < len * 8; bit++) {
        struct stream s = {0};
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        feed(&s, bytes, len);
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(s.frames, 0);
        static const uint8_t silence[CONTROL_FRAME];
        feed(&s, silence, sizeof silence);
        feed(&s, good, good_len);
        assert_int_equal(s.frames, 1);
        assert_int_equal(s.last.number, 4);
    }
}

static void test_a_frame_after_a_cut_one_is_found_inside_it(void **state)
{
    (void)state;
    uint8_t bytes[CONTROL_FRAME], good[CONTROL_FRAME];
    size_t len = make(bytes, 5, 64), good_len = make(good, 6, 100);
    for (size_t cut = 0; cut < len; cut++) {
        struct stream s = {0};
        feed(&s, bytes, cut);
        feed(&s, good, good_len);
        assert_int_equal(s.frames, 1);
        assert_int_equal(s.last.number, 6);
        assert_int_equal(s.decoder.len - s.decoder.shown, 0);
    }
}

static void test_garbage_is_counted_and_passed_over(void **state)
{
    (void)state;
    struct stream s = {0};
    uint8_t good[CONTROL_FRAME], garbage[3000];
    uint32_t x = 1;
    for (size_t i = 0; i < sizeof garbage; i++) {
        x = x * 1664525 + 1013904223;
        garbage[i] = (uint8_t)(x >> 24 | 1); // no zero, and no magic but by chance
    }
    feed(&s, garbage, sizeof garbage);
    feed(&s, good, make(good, 9, 10));
    assert_int_equal(s.frames, 1);
    assert_int_equal(s.decoder.noise, sizeof garbage);
}

static void test_a_length_beyond_the_bound_is_noise(void **state)
{
    (void)state;
    struct stream s = {0};
    uint8_t bytes[CONTROL_FRAME], good[CONTROL_FRAME];
    (void)make(bytes, 1, 0);
    bytes[6] = 0x01, bytes[7] = 0x04; // 1025
    feed(&s, bytes, CONTROL_HEADER);
    feed(&s, good, make(good, 2, 0));
    assert_int_equal(s.frames, 1);
    assert_int_equal(s.last.number, 2);
}

static void test_an_instance_survives(void **state)
{
    (void)state;
    struct control_writer w = {0};
    struct control_instance in = {.name = bytes_text("log"),
                                  .package = bytes_text("org.kpkg.log"),
                                  .version = bytes_text("1.2.3"),
                                  .life = CONTROL_RUNNING,
                                  .priority = 120,
                                  .cpu_us = UINT64_C(1) << 40,
                                  .slots = 4096};
    struct control_instance out;
    control_message_put_instance(&w, &in);
    assert_false(w.cut);
    assert_true(control_message_read_instance(&out, (struct bytes){w.room, w.len}));
    assert_true(bytes_equal(out.name, in.name) && bytes_equal(out.version, in.version));
    assert_int_equal(out.life, CONTROL_RUNNING);
    assert_int_equal(out.priority, 120);
    assert_true(out.cpu_us == in.cpu_us);
    assert_int_equal(out.slots, 4096);
    for (size_t len = 0; len < w.len; len++) {
        assert_false(control_message_read_instance(&out, (struct bytes){w.room, len}));
    }
    assert_false(control_message_read_instance(&out, (struct bytes){w.room, w.len + 1}));
}

static void test_a_refusal_survives(void **state)
{
    (void)state;
    struct control_writer w = {0};
    struct diag diag = {0};
    (void)diag_fail(&diag, STATUS_ROLLBACK, "counter", 12);
    diag_detail(&diag, 11);
    diag_subject(&diag, bytes_text("org.kpkg.log"));
    control_message_put_refusal(&w, &diag);
    struct control_refusal out;
    assert_true(control_message_read_refusal(&out, (struct bytes){w.room, w.len}));
    assert_true(bytes_is(out.name, "KPKG_E_ROLLBACK"));
    assert_true(bytes_is(out.what, "counter") && bytes_is(out.subject, "org.kpkg.log"));
    assert_int_equal(out.where, 12);
    assert_int_equal(out.detail, 11);
}

static void test_what_does_not_fit_is_cut_and_said_so(void **state)
{
    (void)state;
    struct control_writer w = {.len = CONTROL_PAYLOAD - 3};
    control_message_put(&w, 1, 4);
    assert_true(w.cut);
    struct control_writer t = {.len = CONTROL_PAYLOAD - 3};
    control_message_put_text(&t, bytes_text("four"));
    assert_true(t.cut);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frames_of_every_length_come_through),
        cmocka_unit_test(test_every_changed_bit_is_seen),
        cmocka_unit_test(test_a_frame_after_a_cut_one_is_found_inside_it),
        cmocka_unit_test(test_garbage_is_counted_and_passed_over),
        cmocka_unit_test(test_a_length_beyond_the_bound_is_noise),
        cmocka_unit_test(test_an_instance_survives),
        cmocka_unit_test(test_a_refusal_survives),
        cmocka_unit_test(test_what_does_not_fit_is_cut_and_said_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
