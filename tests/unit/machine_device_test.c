// SPDX-License-Identifier: BSD-2-Clause
// The devices of the board in virtual time, seen from the kernel half: ports, interrupts, and when
// idling ends.
#include "board.h"
#include "machine_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <string.h>

enum { TIMER_PIN = 2, COM2_PIN = 3, COM1_PIN = 4 };
enum { TIMER = 0x40, CONTROL = 0x43, COM2 = 0x2f8, COM1 = 0x3f8 };
enum { US_PER_CLOCK_X1000 = 838 }; // 1193182 Hz

static struct fixture f;
static const char *input;
static const char *unsupported;
static char sent[8];
static size_t sent_len;
static int com2_byte;         // what the second line receives next
static const char *com2_text; // and after it
static bool com2_full;        // its other end takes nothing now
static char com2_sent;

static int on_input(void *context, bool wait)
{
    (void)context;
    assert_true(wait);
    return *input == '\0' ? SERIAL_END : *input++;
}

static void on_output(void *context, const uint8_t *at, size_t len)
{
    (void)context;
    assert_true(sent_len + len <= sizeof sent);
    memcpy(sent + sent_len, at, len);
    sent_len += len;
}

static void on_unsupported(void *context, const char *what)
{
    (void)context;
    unsupported = what;
}

static int com2_receive(void *context, bool wait)
{
    (void)context;
    (void)wait;
    int byte = com2_byte;
    com2_byte = *com2_text == '\0' ? SERIAL_NONE : *com2_text++;
    return byte;
}

static size_t com2_send(void *context, const uint8_t *at, size_t len, bool wait)
{
    (void)context;
    (void)wait;
    com2_sent = com2_full ? com2_sent : (char)at[len - 1];
    return com2_full ? 0 : len;
}

static const struct serial_end com2 = {.send = com2_send, .receive = com2_receive};

static int start_with(const struct serial_end *line, bool deterministic)
{
    struct machine_options options = {.memory_size = FIXTURE_MEMORY,
                                      .deterministic = deterministic,
                                      .com2 = line,
                                      .input = on_input,
                                      .output = on_output,
                                      .unsupported = on_unsupported};
    input = "";
    unsupported = NULL;
    sent_len = 0;
    fixture_start(&f, &options);
    return 0;
}

static int start(void **state)
{
    (void)state;
    return start_with(NULL, true);
}

static int start_with_com2(void **state)
{
    (void)state;
    com2_byte = SERIAL_NONE;
    com2_text = "";
    com2_full = false;
    com2_sent = '\0';
    return start_with(&com2, true);
}

static int start_in_real_time(void **state)
{
    (void)start_with_com2(state);
    fixture_stop(&f);
    return start_with(&com2, false);
}

static int stop(void **state)
{
    (void)state;
    fixture_stop(&f);
    return 0;
}

static void out(uint16_t port, uint8_t value)
{
    f.machine->operations->port_out(f.machine, port, 1, value);
}

static uint8_t in(uint16_t port)
{
    return (uint8_t)f.machine->operations->port_in(f.machine, port, 1);
}

static void mask(unsigned pin, bool masked)
{
    f.machine->operations->interrupt_mask(f.machine, pin, masked);
}

static int taken(void)
{
    return f.machine->operations->interrupt(f.machine);
}

static enum machine_event_kind idle_us(uint64_t us)
{
    uint64_t now = f.machine->operations->now(f.machine);
    return f.machine->operations->idle(f.machine, now + us * f.machine->ticks_per_us).kind;
}

static uint64_t now_us(void)
{
    return f.machine->operations->now(f.machine) / f.machine->ticks_per_us;
}

static void timer(uint8_t control, uint16_t count)
{
    out(CONTROL, control);
    out(TIMER, (uint8_t)count);
    out(TIMER, (uint8_t)(count >> 8));
}

static void timer_repeats(void **state)
{
    (void)state;
    mask(TIMER_PIN, false);
    timer(0x34, 1000);
    uint64_t begin = now_us();
    for (unsigned i = 1; i <= 10; i++) {
        assert_int_equal(idle_us(1000000), MACHINE_INTERRUPT);
        assert_int_equal(taken(), TIMER_PIN);
        assert_int_equal(taken(), -1);
        assert_in_range(now_us() - begin, i * US_PER_CLOCK_X1000, i * US_PER_CLOCK_X1000 + 2);
    }
}

static void timer_fires_once(void **state)
{
    (void)state;
    mask(TIMER_PIN, false);
    timer(0x30, 1000);
    assert_int_equal(idle_us(1000000), MACHINE_INTERRUPT);
    assert_int_equal(taken(), TIMER_PIN);
    assert_int_equal(idle_us(1000000), MACHINE_DEADLINE);
}

static void masked_edges_are_lost(void **state)
{
    (void)state;
    timer(0x30, 1000);
    assert_int_equal(idle_us(2000), MACHINE_DEADLINE);
    mask(TIMER_PIN, false);
    assert_int_equal(idle_us(2000), MACHINE_DEADLINE);
    timer(0x34, 1000);
    assert_int_equal(idle_us(2000), MACHINE_INTERRUPT);
    mask(TIMER_PIN, true);
    assert_int_equal(taken(), -1);
}

static void timer_interrupts_a_program(void **state)
{
    (void)state;
    fixture_code(&f, "\xeb\xfe", 2); // a loop
    mask(TIMER_PIN, false);
    timer(0x30, 1000);
    enum machine_event_kind kind;
    do {
        kind = fixture_run(&f).kind;
    } while (kind == MACHINE_DEADLINE);
    assert_int_equal(kind, MACHINE_INTERRUPT);
    assert_int_equal(taken(), TIMER_PIN);
}

static void counts_are_read(void **state)
{
    (void)state;
    timer(0x34, 50000);
    assert_int_equal(idle_us(10 * 1000), MACHINE_DEADLINE);
    out(CONTROL, 0x00); // latch
    uint16_t count = in(TIMER);
    count = (uint16_t)(count | in(TIMER) << 8);
    assert_in_range(count, 50000 - 11940, 50000 - 11920);
    out(CONTROL, 0xc2 | 0x20); // read back: status only
    assert_int_equal(in(TIMER), 0x80 | 0x34);
}

static void gate_opens_the_third_channel(void **state)
{
    (void)state;
    out(CONTROL, 0xb0);
    out(TIMER + 2, 0xe8);
    out(TIMER + 2, 0x03);
    assert_int_equal(idle_us(5000), MACHINE_DEADLINE);
    assert_int_equal(in(0x61), 0x00);
    out(0x61, 1);
    assert_int_equal(in(0x61), 0x01);
    assert_int_equal(idle_us(US_PER_CLOCK_X1000 + 2), MACHINE_DEADLINE);
    assert_int_equal(in(0x61), 0x21);
}

static void bytes_are_received(void **state)
{
    (void)state;
    input = "ab";
    mask(COM1_PIN, false);
    out(COM1 + 4, 0x0b);
    out(COM1 + 1, 0x01);
    for (const char *c = "ab"; *c != '\0'; c++) {
        assert_int_equal(idle_us(1000000), MACHINE_INTERRUPT);
        assert_int_equal(taken(), COM1_PIN);
        assert_int_equal(in(COM1 + 2), 0x04);
        assert_int_equal(in(COM1 + 5), 0x61);
        assert_int_equal(in(COM1), *c);
        assert_int_equal(in(COM1 + 5), 0x60); // the next byte takes its time
    }
    assert_int_equal(f.machine->operations->idle(f.machine, UINT64_MAX).kind, MACHINE_STOP);
    assert_int_equal(machine_summary(f.machine).end, MACHINE_END_IDLE);
}

static void bytes_are_sent(void **state)
{
    (void)state;
    mask(COM1_PIN, false);
    out(COM1 + 4, 0x0b);
    out(COM1 + 1, 0x02);
    assert_int_equal(taken(), COM1_PIN); // the transmitter is empty
    assert_int_equal(in(COM1 + 2), 0x02);
    assert_int_equal(in(COM1 + 2), 0x01);
    out(COM1, 'x');
    assert_int_equal(taken(), COM1_PIN);
    assert_int_equal(sent_len, 1);
    out(COM1 + 4, 0x03); // without OUT2 no interrupt comes out
    out(COM1, 'y');
    assert_int_equal(taken(), -1);
    assert_memory_equal(sent, "xy", 2);
}

static void lines_are_apart(void **state)
{
    (void)state;
    input = "a";
    mask(COM1_PIN, false);
    mask(COM2_PIN, false);
    out(COM2 + 4, 0x0b);
    out(COM2 + 1, 0x01);
    assert_int_equal(idle_us(100000), MACHINE_DEADLINE); // COM1 does not want its byte
    com2_byte = 'b';
    assert_int_equal(idle_us(100000), MACHINE_INTERRUPT);
    assert_int_equal(taken(), COM2_PIN);
    assert_int_equal(in(COM2), 'b');
    out(COM2, 'c');
    assert_int_equal(com2_sent, 'c');
    assert_int_equal(sent_len, 0);
    assert_null(unsupported);
}

static void a_byte_is_held_until_it_is_taken(void **state)
{
    (void)state;
    mask(COM2_PIN, false);
    out(COM2 + 4, 0x0b);
    com2_full = true;
    out(COM2, 'x');
    assert_int_equal(in(COM2 + 5), 0x00); // the transmitter is not empty
    out(COM2 + 1, 0x02);
    assert_int_equal(idle_us(100000), MACHINE_DEADLINE);
    com2_full = false;
    assert_int_equal(idle_us(100000), MACHINE_INTERRUPT);
    assert_int_equal(taken(), COM2_PIN);
    assert_int_equal(in(COM2 + 5), 0x60);
    assert_int_equal(com2_sent, 'x');
}

static struct board_line *ring_line(uint16_t bell, uint32_t value)
{
    f.machine->operations->port_out(f.machine, bell, 4, value);
    return (struct board_line *)(void *)(f.machine->memory + f.machine->device_base +
                                         BOARD_LINE_OFFSET);
}

static void many_bytes_come_in_one_call(void **state)
{
    (void)state;
    char text[2 * BOARD_LINE_DATA];
    memset(text, 'x', sizeof text);
    text[BOARD_LINE_DATA + 3] = '\0';
    com2_byte = 'a';
    com2_text = text;
    struct board_line *line = ring_line(BOARD_TAKE_BELL, 0);
    assert_int_equal(line->taken, BOARD_LINE_DATA);
    assert_int_equal(line->in[0], 'a');
    assert_int_equal(line->in[BOARD_LINE_DATA - 1], 'x');
    assert_int_equal(ring_line(BOARD_TAKE_BELL, 0)->taken, 4);
    assert_int_equal(ring_line(BOARD_TAKE_BELL, 0)->taken, 0);
}

static void many_bytes_go_in_one_call(void **state)
{
    (void)state;
    struct board_line *line = ring_line(BOARD_GIVE_BELL, 0);
    memcpy(line->out, "abc", 3);
    assert_int_equal(ring_line(BOARD_GIVE_BELL, 3)->given, 3);
    assert_int_equal(com2_sent, 'c');
    assert_int_equal(ring_line(BOARD_GIVE_BELL, UINT32_MAX)->given, BOARD_LINE_DATA);
    com2_full = true;
    assert_int_equal(ring_line(BOARD_GIVE_BELL, 3)->given, 0);
    out(COM2, 'x'); // held, so nothing may pass it
    com2_full = false;
    assert_int_equal(ring_line(BOARD_GIVE_BELL, 1)->given, 1);
    assert_int_equal(in(COM2 + 5), 0x60);
}

static void in_virtual_time_only_a_byte_that_is_there_is_taken(void **state)
{
    (void)state;
    mask(COM2_PIN, false);
    out(COM2 + 4, 0x0b);
    out(COM2 + 1, 0x01);
    com2_byte = 'a';
    com2_text = "b";
    assert_int_equal(ring_line(BOARD_TAKE_BELL, 0)->taken, 0);
    assert_int_equal(idle_us(100000), MACHINE_INTERRUPT);
    assert_int_equal(ring_line(BOARD_TAKE_BELL, 0)->taken, 1);
    assert_int_equal(ring_line(BOARD_TAKE_BELL, 0)->taken, 0);
}

static void without_a_second_line_its_bells_do_nothing(void **state)
{
    (void)state;
    struct board_line *line = ring_line(BOARD_TAKE_BELL, 0);
    assert_int_equal(line->taken, 0);
    assert_int_equal(ring_line(BOARD_GIVE_BELL, 9)->given, 0);
}

static void a_level_interrupts_until_it_is_gone(void **state)
{
    (void)state;
    f.machine->operations->interrupt_form(f.machine, COM2_PIN, true, false);
    mask(COM2_PIN, false);
    out(COM2 + 4, 0x0b);
    out(COM2 + 1, 0x01);
    com2_byte = 'b';
    assert_int_equal(idle_us(100000), MACHINE_INTERRUPT);
    assert_int_equal(taken(), COM2_PIN);
    mask(COM2_PIN, true);
    assert_int_equal(taken(), -1);
    mask(COM2_PIN, false); // the byte is still there
    assert_int_equal(taken(), COM2_PIN);
    mask(COM2_PIN, true);
    mask(COM2_PIN, false);
    in(COM2); // gone before the interrupt is taken
    assert_int_equal(taken(), -1);
}

static void a_pin_may_be_active_low(void **state)
{
    (void)state;
    f.machine->operations->interrupt_form(f.machine, COM2_PIN, false, true);
    mask(COM2_PIN, false);
    out(COM2 + 4, 0x0b);
    out(COM2 + 1, 0x01);
    com2_byte = 'b';
    assert_int_equal(idle_us(100000), MACHINE_DEADLINE); // it became high
    in(COM2);
    assert_int_equal(taken(), COM2_PIN);
}

static void absent_devices_are_named(void **state)
{
    (void)state;
    assert_int_equal(in(0x300), 0xff);
    assert_null(unsupported);
    assert_int_equal(f.machine->operations->port_in(f.machine, 0xcfc, 4), UINT32_MAX);
    assert_string_equal(unsupported, "PCI configuration (0xcf8)");
    assert_int_equal(in(COM2 + 5), 0xff);
    assert_string_equal(unsupported, "second serial line (0x2f8)");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        TEST(timer_repeats),
        TEST(timer_fires_once),
        TEST(masked_edges_are_lost),
        TEST(timer_interrupts_a_program),
        TEST(counts_are_read),
        TEST(gate_opens_the_third_channel),
        TEST(bytes_are_received),
        TEST(bytes_are_sent),
        TEST(absent_devices_are_named),
        cmocka_unit_test_setup_teardown(lines_are_apart, start_with_com2, stop),
        cmocka_unit_test_setup_teardown(many_bytes_come_in_one_call, start_in_real_time, stop),
        cmocka_unit_test_setup_teardown(many_bytes_go_in_one_call, start_in_real_time, stop),
        cmocka_unit_test_setup_teardown(in_virtual_time_only_a_byte_that_is_there_is_taken,
                                        start_with_com2, stop),
        TEST(without_a_second_line_its_bells_do_nothing),
        cmocka_unit_test_setup_teardown(a_level_interrupts_until_it_is_gone, start_with_com2, stop),
        cmocka_unit_test_setup_teardown(a_pin_may_be_active_low, start_with_com2, stop),
        cmocka_unit_test_setup_teardown(a_byte_is_held_until_it_is_taken, start_with_com2, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
