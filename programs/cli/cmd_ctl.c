// SPDX-License-Identifier: BSD-2-Clause
#include "command.h"
#include "control_client.h"
#include "control_print.h"
#include "control_send.h"
#include "diag_print.h"
#include "json_bytes.h"
#include "print.h"

#include <string.h>

// `kpkg ctl`: asks a system that runs, over its control channel.

struct ctl_options {
    const char *control;
    const char *as;
    bool json;
};

// What the answers to one request come to.
struct answers {
    const struct ctl_options *options;
    enum control_type asked;
    json_t *instances, *caps, *system;
};

static enum status misread(const char *what, struct diag *diag)
{
    return diag_fail(diag, STATUS_CONTROL_SILENT, what, 0);
}

static enum status take_instance(const struct answers *answers, struct bytes payload,
                                 struct diag *diag)
{
    struct control_instance instance;
    if (!control_message_read_instance(&instance, payload)) {
        return misread("form of an instance", diag);
    }
    if (answers->options->json) {
        json_array_append_new(answers->instances, control_print_instance_json(&instance));
    } else if (answers->asked == CONTROL_LIST) {
        control_print_row(&instance);
    } else {
        control_print_instance(&instance);
    }
    return STATUS_OK;
}

static enum status take_cap(const struct answers *answers, struct bytes payload, struct diag *diag)
{
    struct control_cap cap;
    if (!control_message_read_cap(&cap, payload)) {
        return misread("form of a capability", diag);
    }
    if (answers->options->json) {
        json_array_append_new(answers->caps, control_print_cap_json(&cap));
    } else {
        control_print_cap(&cap);
    }
    return STATUS_OK;
}

static enum status take_system(struct answers *answers, struct bytes payload, struct diag *diag)
{
    struct control_system system;
    if (!control_message_read_system(&system, payload)) {
        return misread("form of the system", diag);
    }
    if (answers->options->json) {
        json_decref(answers->system);
        answers->system = control_print_system_json(&system);
    } else {
        control_print_system(&system);
    }
    return STATUS_OK;
}

static enum status take_answers(struct answers *answers, struct control_client *client,
                                struct diag *diag)
{
    struct control_frame frame;
    enum status status;
    do {
        status = control_client_answer(&frame, client, diag);
        if (status == STATUS_OK && frame.type == CONTROL_INSTANCE) {
            status = take_instance(answers, frame.payload, diag);
        } else if (status == STATUS_OK && frame.type == CONTROL_CAP) {
            status = take_cap(answers, frame.payload, diag);
        } else if (status == STATUS_OK && frame.type == CONTROL_SYSTEM) {
            status = take_system(answers, frame.payload, diag);
        }
    } while (status == STATUS_OK && frame.type != CONTROL_DONE);
    return status;
}

static void print_done(struct answers *answers, const char *verb, const char *instance)
{
    json_t *document = json_pack("{s:s, s:s}", "schema", "kpkg.control/v1", "verb", verb);
    if (instance != NULL) {
        json_object_set_new(document, "instance", json_bytes_text(bytes_text(instance)));
    }
    if (answers->asked == CONTROL_LIST || answers->asked == CONTROL_SHOW) {
        json_object_set(document, "instances", answers->instances);
    }
    if (answers->asked == CONTROL_LIST) {
        json_object_set(document, "system", answers->system);
    }
    if (answers->asked == CONTROL_SHOW) {
        json_object_set(document, "capabilities", answers->caps);
    }
    print_json(document);
}

// The verb and the words after it.
struct request {
    const struct ctl_options *options;
    enum control_type type;
    struct operands words;
};

// A request that names an instance or none.
static enum status ask(struct control_client *client, const struct request *request,
                       struct diag *diag)
{
    const struct ctl_options *options = request->options;
    enum control_type type = request->type;
    const char *instance = request->words.count > 0 ? request->words.at[0] : NULL;
    struct answers answers = {.options = options, .asked = type};
    struct bytes payload = instance != NULL ? bytes_text(instance) : (struct bytes){0};
    enum status status = control_client_ask(client, type, payload, diag);
    if (status != STATUS_OK) {
        return status;
    }
    answers.instances = json_array();
    answers.caps = json_array();
    if (type == CONTROL_LIST && !options->json) {
        control_print_head();
    }
    status = take_answers(&answers, client, diag);
    if (status == STATUS_OK && options->json) {
        print_done(&answers, control_message_verb((uint8_t)type), instance);
    }
    json_decref(answers.instances);
    json_decref(answers.caps);
    json_decref(answers.system);
    return status;
}

// INSTALL FILE [ARGUMENT...], REPLACE INSTANCE FILE [ARGUMENT...].
static enum status send(struct control_client *client, const struct request *request,
                        struct diag *diag)
{
    size_t file = request->type == CONTROL_REPLACE ? 1 : 0;
    struct answers answers = {.options = request->options, .asked = request->type};
    struct operands arguments = {request->words.count - file - 1, request->words.at + file + 1};
    struct control_send what = {
        .type = request->type,
        .file = request->words.at[file],
        .instance = file == 1 ? request->words.at[0] : request->options->as,
        .arguments = arguments,
    };
    enum status status = control_send(client, &what, diag);
    if (status == STATUS_OK && request->options->json) {
        print_done(&answers, control_message_verb((uint8_t)request->type), what.instance);
    }
    return status;
}

static const struct verb {
    enum control_type type;
    size_t least, most; // words after it
    const char *usage;
    enum status (*act)(struct control_client *client, const struct request *request,
                       struct diag *diag);
} verbs[] = {
    {CONTROL_LIST, 0, 0, "list", ask},
    {CONTROL_SHOW, 1, 1, "show INSTANCE", ask},
    {CONTROL_START, 1, 1, "start INSTANCE", ask},
    {CONTROL_STOP, 1, 1, "stop INSTANCE", ask},
    {CONTROL_RESTART, 1, 1, "restart INSTANCE", ask},
    {CONTROL_INSTALL, 1, SIZE_MAX, "install FILE [ARGUMENT...]", send},
    {CONTROL_REPLACE, 2, SIZE_MAX, "replace INSTANCE FILE [ARGUMENT...]", send},
    {CONTROL_REMOVE, 1, 1, "remove INSTANCE", ask},
    {CONTROL_SHUTDOWN, 0, 0, "shutdown", ask},
};

static const struct verb *find_verb(const char *word)
{
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (strcmp(control_message_verb((uint8_t)verbs[i].type), word) == 0) {
            return &verbs[i];
        }
    }
    return NULL;
}

// What is wrong with a package is told of the package, anything else of the channel.
static int finish(enum status status, const struct request *request, const struct diag *diag)
{
    size_t file = request->type == CONTROL_REPLACE ? 1 : 0;
    bool sends = request->type == CONTROL_REPLACE || request->type == CONTROL_INSTALL;
    if (status == STATUS_OK || !sends || strcmp(status_stage(status), "control") == 0) {
        return diag_finish(status, request->options->control, diag);
    }
    diag_print_package(request->words.at[file], diag);
    return diag_exit_code(status);
}

static int run(const void *given, struct operands operands)
{
    const struct ctl_options *options = given;
    const struct verb *verb = find_verb(operands.at[0]);
    struct operands words = {operands.count - 1, operands.at + 1};
    if (verb == NULL) {
        return diag_usage("there is no such verb", operands.at[0]);
    }
    if (words.count < verb->least || words.count > verb->most) {
        return diag_usage("this verb takes other operands", verb->usage);
    }
    if (options->control == NULL) {
        return diag_usage("it needs to know the channel: --control SOCKET", NULL);
    }
    struct control_client client;
    struct diag diag;
    struct request request = {.options = options, .type = verb->type, .words = words};
    enum status status = control_client_open(&client, options->control, &diag);
    if (status == STATUS_OK) {
        status = verb->act(&client, &request, &diag);
    }
    control_client_close(&client);
    return finish(status, &request, &diag);
}

static const struct option_spec OPTIONS[] = {
    {.letter = 'c',
     .name = "control",
     .value = "SOCKET",
     .help = "the channel that `kpkg run --control SOCKET` offers",
     .offset = offsetof(struct ctl_options, control)},
    {.name = "as",
     .value = "INSTANCE",
     .help = "install: the instance's name, instead of the package's last label",
     .offset = offsetof(struct ctl_options, as)},
    {.name = "json",
     .help = "one JSON document, kpkg.control/v1",
     .offset = offsetof(struct ctl_options, json)},
};

const struct command cmd_ctl = {
    .name = "ctl",
    .operands = "VERB [OPERAND...]",
    .summary = "Control a system that runs",
    .details =
        "VERB is one of these:\n"
        "\n"
        "  list              every instance: state, package, use; and what is left\n"
        "  show INSTANCE     its limits and use, and each capability in the kernel beside the "
        "plan\n"
        "  start INSTANCE    begin its next life\n"
        "  stop INSTANCE     ask it to end where it can be asked, else kill it\n"
        "  restart INSTANCE  stop, then start\n"
        "  install FILE [ARGUMENT...]           a new instance\n"
        "  replace INSTANCE FILE [ARGUMENT...]  another version of its package, none older\n"
        "  remove INSTANCE   one that was installed\n"
        "  shutdown          end the system, with its log whole\n"
        "\n"
        "The root task judges a package that arrives as it does at the start, and gives "
        "everything\n"
        "back when it refuses it. A new version that fails in its first 100 ms gives way to the "
        "one\n"
        "before.\n"
        "\n"
        "The system file allows it with a [control] table; then the second serial line is the\n"
        "channel, and the system runs until it is told to end. Every change is an event of its\n"
        "log. Exit code 1: refused, for the reason named; 2: nobody answers.\n",
    .options = OPTIONS,
    .option_count = sizeof(OPTIONS) / sizeof(OPTIONS[0]),
    .options_size = sizeof(struct ctl_options),
    .min_operands = 1,
    .max_operands = SIZE_MAX,
    .run = run,
};
