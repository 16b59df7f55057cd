// SPDX-License-Identifier: BSD-2-Clause
#include "toml_scalar.h"

#include "number.h"

// A word is cut out first and judged whole: each form is a small grammar over `struct word`, whose
// functions pass what they accept and leave the rest.

struct word {
    struct bytes text;
    size_t pos;
};

static int next(const struct word *w)
{
    return w->pos < w->text.len ? w->text.at[w->pos] : TOML_END;
}

static bool accept(struct word *w, char c)
{
    bool found = next(w) == c;
    w->pos += found;
    return found;
}

static bool accept_either(struct word *w, char a, char b)
{
    return accept(w, a) || accept(w, b);
}

static bool at_end(const struct word *w)
{
    return w->pos == w->text.len;
}

// digit (_? digit)*, as a value that stops at UINT64_MAX with `overflow` set.
struct digits {
    uint64_t value;
    bool overflow;
};

static bool accept_digits(struct digits *digits, struct word *w, unsigned base)
{
    *digits = (struct digits){0};
    if (number_digit(next(w), base) < 0) {
        return false;
    }
    do {
        int digit = number_digit(next(w), base);
        if (digit < 0) {
            return false;
        }
        digits->overflow |= digits->value > (UINT64_MAX - (uint64_t)digit) / base;
        digits->value = digits->value * base + (uint64_t)digit;
        w->pos++;
    } while (accept(w, '_') || number_digit(next(w), base) >= 0);
    return true;
}

// digit (_? digit)* without a leading zero.
static bool accept_decimal(struct digits *digits, struct word *w)
{
    bool zero = next(w) == '0';
    size_t from = w->pos;
    return accept_digits(digits, w, 10) && (!zero || w->pos == from + 1);
}

// Where a word is an integer but for its range, `node` is filled and TOML_INT_RANGE is the answer;
// TOML_SYNTAX says that it is no integer.
static enum status integer_of(struct toml *node, bool negative, struct digits digits)
{
    uint64_t most = (uint64_t)INT64_MAX + negative;
    node->kind = TOML_INTEGER;
    if (digits.overflow || digits.value > most) {
        return STATUS_TOML_INT_RANGE;
    }
    node->integer = negative ? (int64_t)(0 - digits.value) : (int64_t)digits.value;
    return STATUS_OK;
}

static enum status read_prefixed(struct toml *node, struct word w)
{
    unsigned base = 0;
    w.pos = 1;
    switch (next(&w)) {
    case 'x':
        base = 16;
        break;
    case 'o':
        base = 8;
        break;
    case 'b':
        base = 2;
        break;
    default:
        return STATUS_TOML_SYNTAX;
    }
    w.pos++;
    struct digits digits;
    if (!accept_digits(&digits, &w, base) || !at_end(&w)) {
        return STATUS_TOML_SYNTAX;
    }
    return integer_of(node, false, digits);
}

static enum status read_integer(struct toml *node, struct word w)
{
    if (next(&w) == '0' && w.text.len > 1) {
        return read_prefixed(node, w);
    }
    bool negative = next(&w) == '-';
    struct digits digits;
    (void)accept_either(&w, '+', '-');
    if (!accept_decimal(&digits, &w) || !at_end(&w)) {
        return STATUS_TOML_SYNTAX;
    }
    return integer_of(node, negative, digits);
}

static bool rest_is(const struct word *w, const char *text)
{
    return bytes_is(bytes_from(w->text, w->pos), text);
}

static bool is_float(struct word w)
{
    struct digits ignored;
    (void)accept_either(&w, '+', '-');
    if (rest_is(&w, "inf") || rest_is(&w, "nan")) {
        return true;
    }
    if (!accept_decimal(&ignored, &w)) {
        return false;
    }
    if (accept(&w, '.') && !accept_digits(&ignored, &w, 10)) {
        return false;
    }
    if (accept_either(&w, 'e', 'E')) {
        (void)accept_either(&w, '+', '-');
        return accept_digits(&ignored, &w, 10) && at_end(&w);
    }
    return at_end(&w);
}

// Exactly `count` digits.
static bool accept_fixed(unsigned *value, struct word *w, unsigned count)
{
    *value = 0;
    for (unsigned i = 0; i < count; i++) {
        int digit = number_digit(next(w), 10);
        if (digit < 0) {
            return false;
        }
        *value = *value * 10 + (unsigned)digit;
        w->pos++;
    }
    return true;
}

static unsigned days_in(unsigned year, unsigned month)
{
    static const uint8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

static bool accept_date(struct word *w)
{
    unsigned year;
    unsigned month;
    unsigned day;
    return accept_fixed(&year, w, 4) && accept(w, '-') && accept_fixed(&month, w, 2) &&
           accept(w, '-') && accept_fixed(&day, w, 2) && month >= 1 && month <= 12 && day >= 1 &&
           day <= days_in(year, month);
}

static bool accept_hour_minute(struct word *w)
{
    unsigned hour;
    unsigned minute;
    return accept_fixed(&hour, w, 2) && accept(w, ':') && accept_fixed(&minute, w, 2) &&
           hour <= 23 && minute <= 59;
}

// Second 60 is a leap second (RFC 3339).
static bool accept_time(struct word *w)
{
    unsigned second;
    unsigned digit;
    if (!accept_hour_minute(w) || !accept(w, ':') || !accept_fixed(&second, w, 2) || second > 60) {
        return false;
    }
    if (!accept(w, '.')) {
        return true;
    }
    if (!accept_fixed(&digit, w, 1)) {
        return false;
    }
    while (accept_fixed(&digit, w, 1)) {
    }
    return true;
}

static bool accept_offset(struct word *w)
{
    return accept_either(w, 'Z', 'z') || (accept_either(w, '+', '-') && accept_hour_minute(w));
}

static bool read_date_or_time(struct toml *node, struct word w)
{
    if (w.text.len >= 3 && w.text.at[2] == ':') {
        node->kind = TOML_LOCAL_TIME;
        return accept_time(&w) && at_end(&w);
    }
    if (!accept_date(&w)) {
        return false;
    }
    if (at_end(&w)) {
        node->kind = TOML_LOCAL_DATE;
        return true;
    }
    if (!(accept_either(&w, 'T', 't') || accept(&w, ' ')) || !accept_time(&w)) {
        return false;
    }
    node->kind = at_end(&w) ? TOML_LOCAL_DATETIME : TOML_OFFSET_DATETIME;
    return at_end(&w) || (accept_offset(&w) && at_end(&w));
}

static bool is_word_char(int c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' ||
           c == '-' || c == '_' || c == '.' || c == ':';
}

static bool is_date_text(struct bytes text)
{
    return text.len == 10 && text.at[4] == '-' && text.at[7] == '-';
}

// Passes the word at the cursor. A date goes on after a space where a digit follows.
static struct word take_word(struct toml_cursor *cursor, struct toml_span *span)
{
    *span = toml_cursor_mark(cursor);
    bool more = true;
    while (more) {
        while (is_word_char(toml_cursor_peek(cursor, 0))) {
            toml_cursor_advance(cursor, 1);
        }
        toml_cursor_close(cursor, span);
        struct bytes text = bytes_part(cursor->text, span->offset, span->len);
        more = is_date_text(text) && toml_cursor_peek(cursor, 0) == ' ' &&
               number_digit(toml_cursor_peek(cursor, 1), 10) >= 0;
        toml_cursor_advance(cursor, more);
    }
    return (struct word){bytes_part(cursor->text, span->offset, span->len), 0};
}

static enum status read_word(struct toml *node, struct word w)
{
    node->text = w.text;
    node->boolean = bytes_is(w.text, "true");
    if (node->boolean || bytes_is(w.text, "false")) {
        node->kind = TOML_BOOLEAN;
        return STATUS_OK;
    }
    if (read_date_or_time(node, w)) {
        return STATUS_OK;
    }
    enum status status = read_integer(node, w);
    if (status == STATUS_TOML_SYNTAX && is_float(w)) {
        node->kind = TOML_FLOAT;
        return STATUS_OK;
    }
    return status;
}

enum status toml_scalar_read(struct toml *node, struct toml_cursor *cursor)
{
    if (!is_word_char(toml_cursor_peek(cursor, 0))) {
        return toml_cursor_fail(cursor, "a value expected");
    }
    struct word word = take_word(cursor, &node->span);
    enum status status = read_word(node, word);
    return status == STATUS_OK ? STATUS_OK
                               : toml_cursor_fail_at(cursor, status, "value", node->span);
}
