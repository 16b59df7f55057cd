// SPDX-License-Identifier: BSD-2-Clause

// A debug kernel's list of capabilities against the log. The list is in the form, shortened, in
// which seL4 16.0.0 printed it.

#include "snapshot.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const char issued[] = "{\"type\":\"caps.issued\",\"tgt\":\"log\",\"data\":{\"part\":1,"
                             "\"parts\":1,\"radix\":3,\"caps\":["
                             "[\"0x1\",\"endpoint\",\"exit\",\"W\",\"0x300000200000001\"],"
                             "[\"0x2\",\"endpoint\",\"log\",\"R\",\"0x0\"],"
                             "[\"0x3\",\"reply\",\"log.reply\",\"none\",\"0x0\"],"
                             "[\"0x4\",\"notification\",\"tick\",\"RW\",\"0x9\"],"
                             "[\"0x5\",\"irq handler\",\"line\",\"none\",\"0x0\"],"
                             "[\"0x6\",\"io ports\",\"ports\",\"none\",\"0x0\"]]}}";
static const char shown[] = "{\"type\":\"caps.shown\",\"tgt\":\"log\",\"data\":{\"index\":2}}";
static const char spawned[] = "{\"type\":\"target.spawned\",\"tgt\":\"log\",\"data\":{}}";
static const char at_end[] = "{\"type\":\"caps.shown\",\"data\":{}}";
static const char stats[] = "{\"type\":\"log.stats\",\"data\":{}}";
static const char reclaimed[] = "{\"type\":\"memory.reclaimed\",\"tgt\":\"log\",\"data\":{}}";

static const char list[] = "Debug snapshot syscall from user thread 0xffffff801fc09400 \"root\"\r\n"
                           "arch x86_64\r\nobjects {\r\n"
                           "0xffffff801fc20400_cnode = cnode (3 bits)\r\n}\r\ncaps {\r\n"
                           "0xffffff8000000400_cnode {\r\n"
                           "0x0: 0xffffff801fc09880_ep (W, badge: 144115192370823168)\r\n}\r\n"
                           "0xffffff801fc20400_cnode {\r\n"
                           "0x0: 0xffffff801fc09880_ep (W, badge: 144115196665790464)\r\n"
                           "0x1: 0xffffff801fc09880_ep (W, badge: 216172790703718401)\r\n"
                           "0x2: 0xffffff801fc098c0_ep (R)\r\n"
                           "0x3: 0xffffff801fc20600_reply\r\n"
                           "0x4: 0xffffff801fc20600_notification (RW, badge: 9)\r\n"
                           "0x5: 0x10_0_irq\r\n"
                           "0x6: 0x700x71_io_port\r\n"
                           "0x7: 0xffffff801fc09880_ep (W, badge: 144115196665790471)\r\n"
                           "}\r\n}\r\nirq maps {\r\n}\r\n";

struct seen {
    char console[2048];
    size_t console_len;
    char finding[256];
    unsigned findings;
};

static void take_console(void *context, struct bytes text)
{
    struct seen *seen = context;
    assert_in_range(text.len, 1, sizeof(seen->console) - seen->console_len - 1);
    memcpy(seen->console + seen->console_len, text.at, text.len);
    seen->console_len += text.len;
}

static void take_finding(void *context, const char *finding)
{
    struct seen *seen = context;
    snprintf(seen->finding, sizeof(seen->finding), "%s", finding);
    seen->findings++;
}

static void event(struct snapshot *s, const char *text)
{
    snapshot_event(s, (struct bytes){(const uint8_t *)text, strlen(text)});
}

static void print(struct snapshot *s, const char *text)
{
    snapshot_text(s, (struct bytes){(const uint8_t *)text, strlen(text)});
}

// The log of one target, with this list; what is found.
static struct seen run(const char *text)
{
    struct seen seen = {0};
    struct snapshot s = {.console = take_console, .differs = take_finding, .context = &seen};
    event(&s, issued);
    event(&s, shown);
    print(&s, text);
    event(&s, spawned);
    assert_int_equal(s.compared + seen.findings, 1);
    snapshot_free(&s);
    return seen;
}

static void an_equal_list(void **state)
{
    (void)state;
    struct seen seen = run(list);
    assert_int_equal(seen.findings, 0);
    assert_int_equal(seen.console_len, 0);
}

// Each change of the kernel's side is a finding that names the slot.
static void every_difference_is_found(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to, *finding;
    } rows[] = {
        {"ep (R)", "ep (RW)", "slot 0x2"},
        {"ep (R)", "ep (R, badge: 1)", "slot 0x2"},
        {"(RW, badge: 9)", "(RW, badge: 8)", "slot 0x4"},
        {"(RW, badge: 9)", "(R, badge: 9)", "slot 0x4"},
        {"_notification", "_ep", "slot 0x4"},
        {"600_reply", "600_ep", "slot 0x3"},
        {"0x10_0_irq", "0x70_io_port", "slot 0x5"},
        {"144115196665790471", "144115196665790470", "slot 0x7"},
        {"0x3: ", "0x9: ", "slot 0x3"},
        {"0x7: ", "0x6: ", "number of capabilities"},
        {"0x3: 0xffffff801fc20600_reply\r\n", "", "number of capabilities"},
        {"0xffffff801fc20400_cnode {", "\xff_cnode {", "number of capabilities"}, // no name of JSON
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char changed[sizeof(list) + 64];
        const char *at = strstr(list, rows[i].from);
        assert_non_null(at);
        snprintf(changed, sizeof(changed), "%.*s%s%s", (int)(at - list), list, rows[i].to,
                 at + strlen(rows[i].from));
        struct seen seen = run(changed);
        assert_int_equal(seen.findings, 1);
        assert_non_null(strstr(seen.finding, rows[i].finding));
    }
}

static void what_is_not_the_list_stays_console_text(void **state)
{
    (void)state;
    struct seen seen = {0};
    struct snapshot s = {.console = take_console, .differs = take_finding, .context = &seen};
    print(&s, list); // printed by a program, perhaps: nobody asked for it
    assert_int_equal(seen.console_len, strlen(list));
    event(&s, issued);
    event(&s, shown);
    print(&s, "before\n");
    for (size_t i = 0; list[i] != '\0'; i++) {
        snapshot_text(&s, (struct bytes){(const uint8_t *)&list[i], 1});
    }
    print(&s, "after");
    event(&s, spawned);
    assert_int_equal(s.compared, 1);
    assert_string_equal(seen.console + strlen(list), "before\nafter");
    snapshot_free(&s);
}

static void a_list_that_does_not_come_is_a_finding(void **state)
{
    (void)state;
    char cut[sizeof(list)];
    snprintf(cut, sizeof(cut), "%.*s", (int)sizeof(list) / 2, list);
    assert_non_null(strstr(run(cut).finding, "did not come"));
    assert_non_null(strstr(run("").finding, "did not come"));
}

// A log that was checked is whole; what its members are is another question.
static void a_table_that_is_none_is_a_finding(void **state)
{
    (void)state;
    static const char *const tables[] = {"\"radix\":200", "\"radix\":63", "\"radix\":3"};
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        struct seen seen = {0};
        struct snapshot s = {.console = take_console, .differs = take_finding, .context = &seen};
        char table[256];
        snprintf(table, sizeof(table),
                 "{\"type\":\"caps.issued\",\"tgt\":\"log\",\"data\":{\"part\":1,%s,"
                 "\"caps\":[[\"0x1\",7],[\"0x2\",\"reply\"],[],3]}}",
                 tables[i]);
        event(&s, table);
        event(&s, shown);
        print(&s, list);
        event(&s, "[]");
        assert_int_equal(seen.findings, 1);
        snapshot_free(&s);
    }
}

static void a_finding_is_one_line_of_plain_text(void **state)
{
    (void)state;
    char text[sizeof(list)];
    memcpy(text, list, sizeof(list));
    memcpy(strstr(text, "_ep (R)"), "\033[2J(R)", 7);
    struct seen seen = run(text);
    assert_int_equal(seen.findings, 1);
    assert_null(strchr(seen.finding, '\033'));
    assert_non_null(strstr(seen.finding, "log: slot 0x2: the kernel's list has"));
}

static void the_end_compares_who_is_up(void **state)
{
    (void)state;
    struct seen seen = {0};
    struct snapshot s = {.console = take_console, .differs = take_finding, .context = &seen};
    event(&s, issued);
    event(&s, shown);
    print(&s, list);
    event(&s, spawned);
    event(&s, at_end);
    print(&s, list);
    event(&s, stats);
    assert_int_equal(s.compared, 2);
    event(&s, reclaimed);
    event(&s, at_end);
    print(&s, list);
    event(&s, stats);
    assert_int_equal(s.compared, 2);
    assert_int_equal(seen.findings, 0);
    snapshot_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_equal_list),
        cmocka_unit_test(every_difference_is_found),
        cmocka_unit_test(what_is_not_the_list_stays_console_text),
        cmocka_unit_test(a_list_that_does_not_come_is_a_finding),
        cmocka_unit_test(a_table_that_is_none_is_a_finding),
        cmocka_unit_test(a_finding_is_one_line_of_plain_text),
        cmocka_unit_test(the_end_compares_who_is_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
