// SPDX-License-Identifier: BSD-2-Clause
#include "control_message.h"

const char *control_message_verb(uint8_t type)
{
    static const struct {
        uint8_t type;
        const char *verb;
    } verbs[] = {
#define CONTROL_VERB(name, number, verb) {number, verb},
        CONTROL_TYPE_LIST(CONTROL_VERB)
#undef CONTROL_VERB
    };
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (verbs[i].type == type && verbs[i].verb != NULL) {
            return verbs[i].verb;
        }
    }
    return "";
}

void control_message_put(struct control_writer *writer, uint64_t value, size_t width)
{
    if (width > sizeof writer->room - writer->len) {
        writer->cut = true;
        return;
    }
    for (size_t i = 0; i < width; i++) {
        writer->room[writer->len++] = (uint8_t)(value >> 8 * i);
    }
}

void control_message_put_text(struct control_writer *writer, struct bytes text)
{
    size_t len = text.len < UINT8_MAX ? text.len : UINT8_MAX;
    control_message_put(writer, len, 1);
    if (writer->cut || len > sizeof writer->room - writer->len) {
        writer->cut = true;
    } else if (len != 0) {
        memcpy(writer->room + writer->len, text.at, len);
        writer->len += len;
    }
}

static uint64_t read_number(struct reader *reader, size_t width)
{
    struct bytes part = reader_take(reader, width);
    uint64_t value = 0;
    for (size_t i = part.len; i > 0; i--) {
        value = value << 8 | part.at[i - 1];
    }
    return value;
}

struct bytes control_message_text(struct reader *reader)
{
    size_t len = reader_u8(reader);
    return reader_take(reader, len);
}

static bool is_whole(const struct reader *reader)
{
    return !reader->failed && reader->pos == reader->from.len;
}

void control_message_put_offer(struct control_writer *writer, const struct control_offer *offer)
{
    control_message_put(writer, offer->size, 8);
    control_message_put_text(writer, offer->instance);
    if (offer->arguments.len > sizeof writer->room - writer->len) {
        writer->cut = true;
    } else if (offer->arguments.len != 0) {
        memcpy(writer->room + writer->len, offer->arguments.at, offer->arguments.len);
        writer->len += offer->arguments.len;
    }
}

bool control_message_read_offer(struct control_offer *offer, struct bytes payload)
{
    struct reader reader = reader_of(payload);
    offer->size = reader_u64(&reader);
    offer->instance = control_message_text(&reader);
    offer->arguments = bytes_from(payload, reader.pos);
    return !reader.failed;
}

void control_message_put_instance(struct control_writer *writer,
                                  const struct control_instance *instance)
{
    control_message_put_text(writer, instance->name);
    control_message_put_text(writer, instance->package);
    control_message_put_text(writer, instance->version);
#define CONTROL_PUT(name, width) control_message_put(writer, instance->name, width);
    CONTROL_INSTANCE_NUMBERS(CONTROL_PUT)
#undef CONTROL_PUT
}

bool control_message_read_instance(struct control_instance *instance, struct bytes payload)
{
    struct reader reader = reader_of(payload);
    instance->name = control_message_text(&reader);
    instance->package = control_message_text(&reader);
    instance->version = control_message_text(&reader);
#define CONTROL_READ(name, width) instance->name = read_number(&reader, width);
    CONTROL_INSTANCE_NUMBERS(CONTROL_READ)
#undef CONTROL_READ
    return is_whole(&reader) && instance->life < CONTROL_LIVES;
}

void control_message_put_system(struct control_writer *writer, const struct control_system *system)
{
#define CONTROL_PUT(name, width) control_message_put(writer, system->name, width);
    CONTROL_SYSTEM_NUMBERS(CONTROL_PUT)
#undef CONTROL_PUT
}

bool control_message_read_system(struct control_system *system, struct bytes payload)
{
    struct reader reader = reader_of(payload);
#define CONTROL_READ(name, width) system->name = read_number(&reader, width);
    CONTROL_SYSTEM_NUMBERS(CONTROL_READ)
#undef CONTROL_READ
    return is_whole(&reader);
}

void control_message_put_cap(struct control_writer *writer, const struct control_cap *cap)
{
    control_message_put_text(writer, cap->name);
    control_message_put_text(writer, cap->type);
    control_message_put_text(writer, cap->rights);
    control_message_put_text(writer, cap->object);
    control_message_put(writer, cap->slot, 4);
    control_message_put(writer, cap->badge, 8);
    control_message_put(writer, cap->kind, 1);
    control_message_put(writer, cap->live, 1);
}

bool control_message_read_cap(struct control_cap *cap, struct bytes payload)
{
    struct reader reader = reader_of(payload);
    cap->name = control_message_text(&reader);
    cap->type = control_message_text(&reader);
    cap->rights = control_message_text(&reader);
    cap->object = control_message_text(&reader);
    cap->slot = reader_u32(&reader);
    cap->badge = reader_u64(&reader);
    cap->kind = reader_u8(&reader);
    cap->live = reader_u8(&reader);
    return is_whole(&reader) && cap->live < CONTROL_LIVE_COUNT;
}

void control_message_put_refusal(struct control_writer *writer, const struct diag *diag)
{
    control_message_put_text(writer, bytes_text(status_name(diag->status)));
    control_message_put_text(writer, bytes_text(diag->what == NULL ? "" : diag->what));
    control_message_put_text(writer,
                             (struct bytes){(const uint8_t *)diag->subject, diag->subject_len});
    control_message_put(writer, diag->where, 8);
    control_message_put(writer, diag->detail, 8);
    control_message_put(writer, diag->line, 4);
    control_message_put(writer, diag->column, 4);
}

bool control_message_read_refusal(struct control_refusal *refusal, struct bytes payload)
{
    struct reader reader = reader_of(payload);
    refusal->name = control_message_text(&reader);
    refusal->what = control_message_text(&reader);
    refusal->subject = control_message_text(&reader);
    refusal->where = reader_u64(&reader);
    refusal->detail = reader_u64(&reader);
    refusal->line = reader_u32(&reader);
    refusal->column = reader_u32(&reader);
    return is_whole(&reader);
}
