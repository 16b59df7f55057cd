// SPDX-License-Identifier: BSD-2-Clause

// Text without libc: as much of printf as a program needs to say what it does. Nothing here
// allocates; what does not fit is cut.

#include "kpkg.h"

#include <stdarg.h>

enum { LABEL_PRINT = 1, DIGITS = 20 };

struct output {
    char *at;
    size_t size, len;
};

// One conversion of a format: %[0][width][l|ll|z]letter.
struct directive {
    bool zeros, wide;
    size_t width;
    char letter;
};

static void put(struct output *out, char c)
{
    if (out->len + 1 < out->size) {
        out->at[out->len++] = c;
    }
}

static void put_text(struct output *out, const struct directive *directive, const char *text,
                     size_t len)
{
    for (size_t i = len; i < directive->width; i++) {
        put(out, ' ');
    }
    for (size_t i = 0; i < len; i++) {
        put(out, text[i]);
    }
}

static void put_number(struct output *out, const struct directive *directive, uint64_t value,
                       bool negative)
{
    char digits[DIGITS];
    size_t len = 0;
    unsigned base = directive->letter == 'x' || directive->letter == 'p' ? 16 : 10;
    do {
        digits[len++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    size_t total = len + negative;
    for (size_t i = total; i < directive->width && !directive->zeros; i++) {
        put(out, ' ');
    }
    if (negative) {
        put(out, '-');
    }
    for (size_t i = total; i < directive->width && directive->zeros; i++) {
        put(out, '0');
    }
    while (len > 0) {
        put(out, digits[--len]);
    }
}

static const char *parse(struct directive *directive, const char *at)
{
    *directive = (struct directive){0};
    if (*at == '0') {
        directive->zeros = true;
        at++;
    }
    for (; *at >= '0' && *at <= '9'; at++) {
        directive->width = directive->width * 10 + (size_t)(*at - '0');
    }
    for (; *at == 'l' || *at == 'z'; at++) {
        directive->wide = true;
    }
    directive->letter = *at;
    return *at == '\0' ? at : at + 1;
}

static void put_signed(struct output *out, const struct directive *directive, int64_t value)
{
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    put_number(out, directive, magnitude, value < 0);
}

// The caller started `values`. NOLINTBEGIN(clang-analyzer-valist.Uninitialized)
static void convert(struct output *out, const struct directive *directive, va_list *values)
{
    char one;
    const char *text;
    switch (directive->letter) {
    case 's':
        text = va_arg(*values, const char *);
        put_text(out, directive, text, strlen(text));
        break;
    case 'c':
        one = (char)va_arg(*values, int);
        put_text(out, directive, &one, 1);
        break;
    case 'd':
    case 'i':
        put_signed(out, directive, directive->wide ? va_arg(*values, long) : va_arg(*values, int));
        break;
    case 'u':
    case 'x':
        put_number(out, directive,
                   directive->wide ? va_arg(*values, unsigned long) : va_arg(*values, unsigned),
                   false);
        break;
    case 'p':
        put_number(out, directive, (uintptr_t)va_arg(*values, void *), false);
        break;
    default:
        put(out, directive->letter);
        break;
    }
}
// NOLINTEND(clang-analyzer-valist.Uninitialized)

static size_t format_list(char *to, size_t size, const char *format, va_list *values)
{
    struct output out = {.at = to, .size = size};
    while (*format != '\0') {
        if (*format != '%') {
            put(&out, *format++);
            continue;
        }
        struct directive directive;
        format = parse(&directive, format + 1);
        convert(&out, &directive, values);
    }
    to[out.len] = '\0';
    return out.len;
}

size_t kpkg_format(char *to, size_t size, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    size_t len = format_list(to, size, format, &values);
    va_end(values);
    return len;
}

static bool write_part(uint64_t log, const char *text, size_t len)
{
    struct kpkg_message message = {.label = LABEL_PRINT};
    message.length = (uint32_t)(1 + (len + 7) / 8);
    message.word[0] = len;
    memcpy(&message.word[1], text, len);
    kpkg_call(log, &message);
    return message.label == 0;
}

bool kpkg_write(uint64_t log, const char *text, size_t len)
{
    bool taken = log != 0;
    while (taken && len != 0) {
        size_t part = len < KPKG_PRINT_MAX ? len : (size_t)KPKG_PRINT_MAX;
        taken = write_part(log, text, part);
        text += part;
        len -= part;
    }
    return taken;
}

bool kpkg_print(uint64_t log, const char *format, ...)
{
    char text[KPKG_PRINT_MAX + 1];
    va_list values;
    va_start(values, format);
    size_t len = format_list(text, sizeof text, format, &values);
    va_end(values);
    return kpkg_write(log, text, len);
}
