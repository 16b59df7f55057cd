// SPDX-License-Identifier: BSD-2-Clause
#include "command.h"
#include "diag_print.h"
#include "print.h"
#include "trust_report.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

// `kpkg trust verify` and `kpkg trust update`: whether a new trust file may follow the one in use,
// and the step itself. The bytes that were checked are those that are installed.

struct trust_update_options {
    bool json;
};

struct update {
    struct trust_file now, next;
    const char *at_fault;
    bool same;    // byte for byte: nothing to do
    bool updated; // the new file is in the place of the old one
};

static enum status read_both(struct update *u, struct operands paths, struct diag *diag)
{
    enum status status = trust_file_read(&u->now, paths.at[0], diag);
    u->at_fault = u->now.at_fault;
    if (status != STATUS_OK) {
        return status;
    }
    status = trust_file_read(&u->next, paths.at[1], diag);
    if (status == STATUS_OK) {
        status = trust_file_read_records(&u->next, diag);
    }
    u->at_fault = u->next.at_fault;
    return status;
}

static enum status check(struct update *u, struct diag *diag)
{
    u->at_fault = u->next.path;
    u->same = bytes_equal(trust_file_text(&u->now), trust_file_text(&u->next));
    return u->same ? STATUS_OK
                   : trust_update_check(&u->next.anchor.trust, trust_file_text(&u->next),
                                        trust_file_records(&u->next), &u->now.anchor.trust, diag);
}

static enum status install(struct update *u, struct diag *diag)
{
    u->at_fault = u->now.path;
    enum status status = file_write(u->now.path, trust_file_text(&u->next), FILE_REPLACE, diag);
    u->updated = status == STATUS_OK;
    return status;
}

static void show_json(json_t *report, const struct update *u, enum status status,
                      const struct diag *diag)
{
    json_object_set_new(report, "ok", json_boolean(status == STATUS_OK));
    json_object_set_new(report, "updated", json_boolean(u->updated));
    if (status != STATUS_OK) {
        json_object_set_new(report, "error", diag_json(diag));
    }
    print_json(report);
}

static void show(json_t *report, const struct update *u, enum status status)
{
    trust_report_print(report);
    json_decref(report);
    if (status == STATUS_OK) {
        print_name(stdout, bytes_text(u->now.path));
        puts(u->same ? ": is that file already" : u->updated ? ": updated" : ": may be updated");
    }
    fflush(stdout);
}

static int decide(struct operands paths, bool installs, bool json)
{
    struct update u = {0};
    struct diag diag;
    enum status status = read_both(&u, paths, &diag);
    if (status == STATUS_OK) {
        status = check(&u, &diag);
        json_t *report = trust_report(&u.now, &u.next);
        if (status == STATUS_OK && installs && !u.same) {
            status = install(&u, &diag);
        }
        if (json) {
            show_json(report, &u, status, &diag);
        } else {
            show(report, &u, status);
        }
    }
    int code = diag_finish(status, u.at_fault, &diag);
    trust_file_free(&u.now);
    trust_file_free(&u.next);
    return code;
}

static int run_verify(const void *given, struct operands operands)
{
    const struct trust_update_options *options = given;
    return decide(operands, false, options->json);
}

// Two updates at once could both be newer than what is there, and the older one come last: each has
// the folder to itself, where the file system has such locks.
static int lock_folder(const char *path)
{
    char *folder = file_beside(path, ".");
    int fd = folder != NULL ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd >= 0) {
        (void)flock(fd, LOCK_EX);
    }
    free(folder);
    return fd;
}

static int run_update(const void *given, struct operands operands)
{
    const struct trust_update_options *options = given;
    int lock = lock_folder(operands.at[0]);
    int code = decide(operands, true, options->json);
    if (lock >= 0) {
        close(lock);
    }
    return code;
}

static const struct option_spec OPTIONS[] = {
    {.name = "json",
     .help = "write JSON kpkg.trust/v1",
     .offset = offsetof(struct trust_update_options, json)},
};

const struct command cmd_trust_verify = {
    .name = "trust verify",
    .operands = "IN_USE.toml NEW.toml",
    .summary = "Say what a new trust file changes, and whether it may follow the one in use",
    .details =
        "It may when enough root keys of the file in use and enough of its own have signed it\n"
        "(NEW.toml.sig) and its counter is higher. Shows who signed, who has yet to, and each\n"
        "value that changes; so it is also for who is asked to sign.\n",
    .options = OPTIONS,
    .option_count = sizeof(OPTIONS) / sizeof(OPTIONS[0]),
    .options_size = sizeof(struct trust_update_options),
    .min_operands = 2,
    .max_operands = 2,
    .run = run_verify,
};

const struct command cmd_trust_update = {
    .name = "trust update",
    .operands = "IN_USE.toml NEW.toml",
    .summary = "Replace a trust file with a new one that its root keys have signed",
    .details =
        "Checks and shows what `kpkg trust verify` does, then puts NEW.toml in the place of\n"
        "IN_USE.toml in one step: a reader, or a power cut, finds the old file or the new one. "
        "The\n"
        "same file once more changes nothing and is no error.\n",
    .options = OPTIONS,
    .option_count = sizeof(OPTIONS) / sizeof(OPTIONS[0]),
    .options_size = sizeof(struct trust_update_options),
    .min_operands = 2,
    .max_operands = 2,
    .run = run_update,
};
