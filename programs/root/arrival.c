// SPDX-License-Identifier: BSD-2-Clause
#include "arrival.h"

#include "audit_control.h"
#include "control.h"
#include "control_answer.h"
#include "life.h"
#include "name.h"
#include "override.h"
#include "packages.h"
#include "plan_same.h"
#include "relay.h"
#include "store.h"

enum { TRIAL_NS = 100000000 }; // of a version that replaces another one

static void drop(struct root *root)
{
    if (root->arrival.package.store != 0) {
        store_drop(root, root->arrival.package.store);
    }
    root->arrival = (struct root_arrival){0};
}

// Ends the request in vain.
static void refuse(struct root *root, uint32_t number, const struct diag *diag)
{
    uint64_t asked = root->arrival.asked;
    drop(root);
    control_answer_refused(root, number, asked, diag);
}

// The first place that has no package and lost nothing of one before.
static enum status find_place(uint32_t *target, const struct root *root, struct diag *diag)
{
    for (uint32_t i = 0; i < root->plan.target_count; i++) {
        const struct plan_target *plan = &root->plan.targets[i];
        if (plan->package_index >= root->system.first_place && plan->name.len == 0 &&
            !root->targets[i].spoiled) {
            *target = i;
            return STATUS_OK;
        }
    }
    return diag_fail(diag, STATUS_CONTROL_FULL, "place", root->system.control.places.value);
}

static struct bytes copy(struct arena *arena, struct bytes text)
{
    uint8_t *at = arena_take(arena, text.len + 1, 1);
    if (at == NULL) {
        return (struct bytes){0};
    }
    memcpy(at, text.at, text.len);
    return (struct bytes){at, text.len};
}

// Texts that stand one after another in a message.
static enum status take_arguments(struct schema_texts *out, struct arena *arena, struct bytes texts,
                                  struct diag *diag)
{
    struct reader reader = reader_of(texts);
    struct schema_text *all = arena_take(arena, BOUND_ARGUMENTS, sizeof *all);
    size_t count = 0;
    while (all != NULL && count < BOUND_ARGUMENTS && reader.pos < texts.len && !reader.failed) {
        all[count++].value = copy(arena, control_message_text(&reader));
    }
    if (all == NULL || reader.failed || reader.pos < texts.len) {
        return diag_fail(diag, STATUS_CONTROL_REQUEST, "arguments", reader.pos);
    }
    *out = (struct schema_texts){.at = all, .count = count};
    return STATUS_OK;
}

// The arguments of the instance so far, in memory of the package that follows.
static enum status keep_arguments(struct schema_texts *out, struct arena *arena,
                                  const struct schema_texts *before, struct diag *diag)
{
    struct schema_text *all = arena_take(arena, before->count + 1, sizeof *all);
    if (all == NULL) {
        return diag_fail(diag, STATUS_NO_MEMORY, "arguments", before->count);
    }
    for (size_t i = 0; i < before->count; i++) {
        all[i].value = copy(arena, before->at[i].value);
    }
    *out = (struct schema_texts){.at = all, .count = before->count};
    return STATUS_OK;
}

static enum status open_store(struct root *root, const struct control_offer *offer,
                              struct diag *diag)
{
    struct root_arrival *arrival = &root->arrival;
    struct root_package *package = &arrival->package;
    const struct root_package *before = &root->packages[arrival->index];
    enum status status = store_take(&package->store, root, offer->size, diag);
    if (status != STATUS_OK) {
        return status;
    }
    arrival->open = true;
    arrival->arena = store_arena(root, package->store);
    package->place = arrival->index + 1;
    package->file = (struct bytes){store_at(package->store), offer->size};
    package->frames = store_frames(root, package->store);
    package->name = copy(&arrival->arena, offer->instance);
    return arrival->type == CONTROL_REPLACE && offer->arguments.len == 0
               ? keep_arguments(&package->arguments, &arrival->arena, &before->arguments, diag)
               : take_arguments(&package->arguments, &arrival->arena, offer->arguments, diag);
}

static enum status begin(struct root *root, const struct control_offer *offer, struct diag *diag)
{
    struct root_arrival *arrival = &root->arrival;
    enum status status;
    if (arrival->type == CONTROL_REPLACE) {
        status = control_find(&arrival->target, root, offer->instance, diag);
        if (status == STATUS_OK && root->plan.targets[arrival->target].parent != 0) {
            status = diag_fail_about(diag, STATUS_INSTANCE_STATE, "its parent starts it", 0,
                                     offer->instance);
        }
    } else if (offer->instance.len != 0 && !name_is_label(offer->instance)) {
        status =
            diag_fail_about(diag, STATUS_INSTANCE_NAME, "name of an instance", 0, offer->instance);
    } else {
        status = find_place(&arrival->target, root, diag);
    }
    if (status != STATUS_OK) {
        return status;
    }
    arrival->index = root->plan.targets[arrival->target].package_index;
    return open_store(root, offer, diag);
}

void arrival_begin(struct root *root, const struct control_frame *frame)
{
    struct control_offer offer;
    struct diag diag = {0};
    drop(root); // whoever began another one is gone
    if (!control_message_read_offer(&offer, frame->payload)) {
        (void)diag_fail(&diag, STATUS_CONTROL_REQUEST, "offer", 0);
        control_answer_diag(root, frame->number, &diag);
        return;
    }
    struct audit_control control = {
        .verb = control_message_verb(frame->type), .instance = offer.instance, .size = offer.size};
    root->arrival.type = frame->type;
    root->arrival.asked = audit_control_asked(root_at(root), &control);
    if (begin(root, &offer, &diag) == STATUS_OK) {
        control_answer_done(root, frame->number);
    } else {
        refuse(root, frame->number, &diag);
    }
}

void arrival_chunk(struct root *root, const struct control_frame *frame)
{
    struct root_arrival *arrival = &root->arrival;
    struct reader reader = reader_of(frame->payload);
    uint64_t offset = reader_u64(&reader);
    size_t len = frame->payload.len - reader.pos;
    if (!arrival->open || reader.failed || offset != arrival->got ||
        len > arrival->package.file.len - arrival->got) {
        struct diag diag = {0};
        (void)diag_fail(&diag, STATUS_CONTROL_REQUEST, "part of a package", offset);
        control_answer_diag(root, frame->number, &diag);
        return;
    }
    memcpy(store_at(arrival->package.store) + arrival->got, frame->payload.at + reader.pos, len);
    arrival->got += len;
    control_answer_done(root, frame->number);
}

// No package may be older than one of its name that is there.
static enum status check_age(const struct root *root, struct diag *diag)
{
    const struct root_package *package = &root->arrival.package;
    const struct root_package *before = &root->packages[root->arrival.index];
    struct bytes name = package->manifest.name.value;
    if (root->arrival.type == CONTROL_REPLACE && !bytes_equal(name, before->manifest.name.value)) {
        return diag_fail_about(diag, STATUS_NAME_MISMATCH, "package of the instance", 0, name);
    }
    for (uint32_t i = 0; i < root->system.package_count; i++) {
        const struct root_package *other = &root->packages[i];
        if (other->known && bytes_equal(other->manifest.name.value, name) &&
            other->verified.package.counter > package->verified.package.counter) {
            return diag_fail_detail(diag, STATUS_ROLLBACK, "counter",
                                    package->verified.package.counter,
                                    other->verified.package.counter);
        }
    }
    return STATUS_OK;
}

static enum status name_it(struct root *root, struct diag *diag)
{
    struct root_package *package = &root->arrival.package;
    uint32_t other = 0;
    if (package->name.len == 0) {
        package->name = name_last_label(package->manifest.name.value);
    }
    if (root->arrival.type == CONTROL_REPLACE) {
        return override_apply(&package->manifest, &root->system, package->name, diag);
    }
    return control_find(&other, root, package->name, NULL) == STATUS_OK
               ? diag_fail_about(diag, STATUS_INSTANCE_NAME, "name of an instance", 0,
                                 package->name)
               : STATUS_OK;
}

static void swap_package(struct root *root)
{
    struct root_package before = root->packages[root->arrival.index];
    root->packages[root->arrival.index] = root->arrival.package;
    root->arrival.package = before;
}

// The others stay as they are, but the places of their capabilities in the plan may move.
static void copy_ledger(struct root *root)
{
    const struct plan *from = &root->plan, *to = &root->arrival.plan;
    for (uint32_t i = 0; i < from->target_count; i++) {
        if (i != root->arrival.target) {
            memcpy(root->arrival.ledger + to->targets[i].first_cap,
                   root->ledger + from->targets[i].first_cap,
                   from->targets[i].caps * sizeof *root->ledger);
        }
    }
}

// From here on the other plan and package are the present ones.
static void swap(struct root *root)
{
    struct plan before = root->plan;
    struct spawn_slot *ledger = root->ledger;
    copy_ledger(root);
    swap_package(root);
    root->plan = root->arrival.plan;
    root->ledger = root->arrival.ledger;
    root->arrival.plan = before;
    root->arrival.ledger = ledger;
    root->plan_turn = !root->plan_turn;
}

static enum status check_others(const struct root *root, struct diag *diag)
{
    const struct plan *plan = &root->arrival.plan;
    bool same =
        plan->target_count == root->plan.target_count && plan_same_system(&root->plan, plan);
    for (uint32_t i = 0; i < root->plan.target_count && same; i++) {
        same = i == root->arrival.target ? relay_count(&root->plan, i) == relay_count(plan, i)
                                         : plan_same_target(&root->plan, plan, i);
    }
    return same ? STATUS_OK
                : diag_fail(diag, STATUS_INSTANCE_CHANGED, "plan", root->arrival.target);
}

// The plan of all packages with this one in its place.
static enum status compile(struct root *root, struct diag *diag)
{
    struct root_arrival *arrival = &root->arrival;
    struct diag refused[BOUND_TARGETS] = {0};
    struct arena arena = store_plan(root);
    swap_package(root);
    enum status status = packages_compile(&arrival->plan, refused, root, &arena, diag);
    swap_package(root);
    if (status == STATUS_OK && refused[arrival->index].status != STATUS_OK) {
        packages_report_refused(root, &arrival->package, &refused[arrival->index]);
        *diag = refused[arrival->index];
        status = diag->status;
    }
    if (status == STATUS_OK) {
        status = check_others(root, diag);
    }
    if (status == STATUS_OK) {
        arrival->ledger = arena_take(&arena, arrival->plan.cap_count, sizeof *arrival->ledger);
        status = arrival->ledger != NULL ? STATUS_OK
                                         : diag_fail(diag, STATUS_NO_MEMORY, "ledger", arena.size);
    }
    uint8_t bits = root->targets[arrival->target].site.untyped_bits;
    if (status == STATUS_OK && arrival->plan.targets[arrival->target].untyped_bits > bits) {
        status =
            diag_fail(diag, STATUS_MEMORY_LIMIT, "memory of the instance", UINT64_C(1) << bits);
    }
    return status;
}

static enum status judge(struct root *root, struct diag *diag)
{
    struct root_arrival *arrival = &root->arrival;
    if (!arrival->open || arrival->got != arrival->package.file.len) {
        return diag_fail(diag, STATUS_CONTROL_REQUEST, "end of a package", arrival->got);
    }
    enum status status = packages_judge(&arrival->package, root, &arrival->arena, diag);
    if (status == STATUS_OK) {
        status = check_age(root, diag);
    }
    if (status == STATUS_OK) {
        status = name_it(root, diag);
    }
    return status == STATUS_OK ? compile(root, diag) : status;
}

static void wait_for_end(struct root *root, const struct control_frame *frame, uint8_t type)
{
    control_wait(root, type, frame->number, root->arrival.target, root->arrival.asked);
    root->arrival.open = false;
    if (life_is_up(root, root->arrival.target) ||
        root->targets[root->arrival.target].life == ROOT_SUSPENDED) {
        life_stop(root, root->arrival.target, root->request.cause);
    }
}

void arrival_commit(struct root *root, const struct control_frame *frame)
{
    struct diag diag = {0};
    if (judge(root, &diag) == STATUS_OK) {
        wait_for_end(root, frame, root->arrival.type);
    } else {
        refuse(root, frame->number, &diag);
    }
}

void arrival_remove(struct root *root, const struct control_frame *frame)
{
    struct diag diag = {0};
    struct audit_control control = {.verb = control_message_verb(frame->type),
                                    .instance = frame->payload};
    drop(root);
    struct root_arrival *arrival = &root->arrival;
    arrival->asked = audit_control_asked(root_at(root), &control);
    enum status status = control_find(&arrival->target, root, frame->payload, &diag);
    if (status == STATUS_OK) {
        arrival->index = root->plan.targets[arrival->target].package_index;
        status = arrival->index < root->system.first_place
                     ? diag_fail_about(&diag, STATUS_INSTANCE_STATE, "it came with the image", 0,
                                       frame->payload)
                     : compile(root, &diag);
    }
    if (status == STATUS_OK) {
        wait_for_end(root, frame, CONTROL_REMOVE);
    } else {
        refuse(root, frame->number, &diag);
    }
}

// A place begins anew but for the number of its incarnation, which makes badges differ, and for
// what a package before has lost in it: such a place is not used again (find_place).
static void begin_target(struct root *root, uint32_t target)
{
    struct root_target *of = &root->targets[target];
    *of = (struct root_target){.site = of->site,
                               .incarnation = of->incarnation,
                               .stood_in = of->stood_in,
                               .spoiled = of->spoiled};
}

static bool start(struct root *root)
{
    uint32_t target = root->request.target;
    packages_report(root, target);
    (void)life_start(root, target);
    life_tick(root);
    return root->targets[target].life == ROOT_RUNNING;
}

// The package that was to come does not run: all is as before, and who was there runs again.
static void go_back(struct root *root)
{
    uint32_t target = root->request.target;
    struct diag why = root->start_failure;
    if (root->targets[target].life == ROOT_RUNNING) { // it may be deaf as well
        life_kill(root, target, root->request.cause);
    } else {
        life_stop(root, target, root->request.cause);
    }
    swap(root);
    if (root->request.type == CONTROL_REPLACE && !root->targets[target].spoiled) {
        (void)start(root);
    }
    refuse(root, root->request.number, &why);
}

static void finish(struct root *root)
{
    drop(root); // what was there before
    control_answer_done(root, root->request.number);
}

bool arrival_finish(struct root *root)
{
    uint8_t type = root->request.type;
    uint32_t target = root->request.target;
    if (type == CONTROL_REPLACE && root->targets[target].spoiled) {
        struct diag diag = {0};
        (void)diag_fail(&diag, STATUS_INSTANCE_STATE, "something of it did not come back", 0);
        refuse(root, root->request.number, &diag);
        return true;
    }
    swap(root);
    if (type != CONTROL_REPLACE) {
        begin_target(root, target);
    }
    if (type != CONTROL_REMOVE && !start(root)) {
        go_back(root);
        return true;
    }
    if (type == CONTROL_REPLACE) {
        root->request.trial = root->targets[target].incarnation;
        root->request.trial_end = clock_now(&root->clock) + TRIAL_NS;
        return false;
    }
    finish(root);
    return true;
}

// Who ends by its own wish has done what it was to do.
bool arrival_try(struct root *root)
{
    const struct root_target *of = &root->targets[root->request.target];
    bool runs = of->life == ROOT_RUNNING && of->incarnation == root->request.trial;
    if (!runs && !of->exited) {
        root->start_failure = (struct diag){0};
        (void)diag_fail(&root->start_failure, STATUS_INSTANCE_STATE, "it failed on trial",
                        root->request.trial);
        go_back(root);
        return true;
    }
    if (runs && clock_now(&root->clock) < root->request.trial_end) {
        return false;
    }
    finish(root);
    return true;
}
