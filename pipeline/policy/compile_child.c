// SPDX-License-Identifier: BSD-2-Clause
#include "compile_child.h"

#include "compile_caps.h"

// A child and the right by which it is one.
struct child {
    const struct policy_instance *instance;
    const struct compile_link *links;
    uint16_t index; // of the instance
    const struct policy_instance *parent;
    const struct compile_link *parent_links;
    uint16_t parent_index;
    const struct manifest_cap *right;
};

uint64_t compile_child_share(const struct manifest_cpu *cpu)
{
    return cpu->passive ? 0
                        : (cpu->budget.value * 1000000 + cpu->period.value - 1) / cpu->period.value;
}

static uint64_t percent_of(const struct manifest *manifest)
{
    uint64_t percent = 0;
    for (size_t i = 0; i < manifest->cap_count; i++) {
        percent += manifest->caps[i].most.value * manifest->caps[i].cpu.value;
    }
    return percent;
}

uint64_t compile_child_rest(const struct manifest *manifest)
{
    if (manifest->cpu.passive && percent_of(manifest) == 0) {
        return PLAN_START_BUDGET_US;
    }
    uint64_t percent = percent_of(manifest);
    uint64_t taken = (manifest->cpu.period.value * percent + 99) / 100;
    return taken < manifest->cpu.budget.value ? manifest->cpu.budget.value - taken : 0;
}

static struct bytes parent_of(const struct policy_input *input, size_t instance)
{
    return input->system->packages[instance].parent.value;
}

// "instance/name" in its parts.
static bool names(struct bytes parent, struct bytes instance, struct bytes right)
{
    struct bytes first, second;
    return bytes_split(&first, &second, parent, '/') && bytes_equal(first, instance) &&
           bytes_equal(second, right);
}

// Which of the right's children an instance is: they are numbered in the order of the system file.
static uint32_t number_of(const struct policy_input *input, uint16_t instance)
{
    uint32_t number = 0;
    for (uint16_t i = 0; i < instance; i++) {
        number += bytes_equal(parent_of(input, i), parent_of(input, instance));
    }
    return number;
}

// The right that `instance` of the system has under this name, for the child's package.
static const struct manifest_cap *right_of(const struct policy_instance *instance,
                                           struct bytes parent, struct bytes package)
{
    const struct manifest *m = instance->manifest;
    for (size_t i = 0; i < m->cap_count; i++) {
        const struct manifest_cap *cap = &m->caps[i];
        if (cap->kind == MANIFEST_SPAWN && names(parent, instance->name, cap->name) &&
            bytes_equal(cap->peer.package, package)) {
            return cap;
        }
    }
    return NULL;
}

static bool find_right(struct child *child, const struct diag *refused,
                       const struct policy_input *input)
{
    struct bytes parent = parent_of(input, child->index);
    struct bytes package = child->instance->manifest->name.value;
    for (uint16_t i = 0; i < input->system->package_count && child->right == NULL; i++) {
        if (input->instances[i].verified != NULL && refused[i].status == STATUS_OK) {
            child->parent = &input->instances[i];
            child->parent_index = i;
            child->right = right_of(child->parent, parent, package);
        }
    }
    return child->right != NULL;
}

static enum status above(struct diag *diag, const char *what, struct schema_number asked,
                         uint64_t most)
{
    (void)toml_fail(diag, STATUS_SPAWN_QUOTA, what, asked.span, (struct bytes){0});
    diag_detail(diag, most);
    return STATUS_SPAWN_QUOTA;
}

// Memory and time within the right, priorities within what the parent may give. A passive one has
// time for its start that nobody counts.
static enum status check_quota(const struct child *child, uint32_t number, struct diag *diag)
{
    const struct manifest *m = child->instance->manifest;
    const struct manifest_cap *right = child->right;
    uint64_t most = child->parent->manifest->cpu.max_priority.value;
    struct schema_number instance = {.span = m->name.span}, passive = {.span = m->cpu.span};
    if (number >= right->most.value) {
        return above(diag, "number of the children", instance, right->most.value);
    }
    if (m->memory.limit.value > right->size.value) {
        return above(diag, "memory.limit", m->memory.limit, right->size.value);
    }
    if (m->cpu.passive) {
        return above(diag, "cpu.passive", passive, 0);
    }
    if (compile_child_share(&m->cpu) > right->cpu.value * 10000) {
        return above(diag, "cpu.budget", m->cpu.budget, right->cpu.value);
    }
    if (m->cpu.priority.value > most) {
        return above(diag, "cpu.priority", m->cpu.priority, most);
    }
    if (m->cpu.max_priority.value > most) {
        return above(diag, "cpu.max-priority", m->cpu.max_priority, most);
    }
    return STATUS_OK;
}

// Does what the parent asks for with `own` hold what the child asks for with `asked`?
static bool covers(const struct manifest_cap *own, const struct manifest_cap *asked)
{
    uint8_t rights = compile_caps_rights(asked->role);
    bool area = manifest_is_area(asked);
    return own->kind == asked->kind && (area ? own->write || !asked->write
                                             : (compile_caps_rights(own->role) & rights) == rights);
}

// Does the parent have what the child's link leads to? Of endpoints and notifications that it owns
// its `allow` decides.
static bool parent_holds(const struct child *child, const struct manifest_cap *asked,
                         const struct compile_link *link)
{
    const struct manifest *m = child->parent->manifest;
    bool service = link->service != PLAN_SERVICE_NONE;
    if (!service && link->instance == child->parent_index && !manifest_is_area(asked)) {
        return true;
    }
    for (size_t i = 0; i < m->cap_count; i++) {
        const struct compile_link *own = &child->parent_links[i];
        bool same = own->service == link->service &&
                    (service || (own->instance == link->instance && own->cap == link->cap));
        if (!own->absent && same && covers(&m->caps[i], asked)) {
            return true;
        }
    }
    return false;
}

// Endpoints and notifications of its own give it nothing over others. What else it would own is
// memory of the system or hardware, and of a right to start instances a parent has none to give.
static bool is_held(const struct child *child, size_t cap)
{
    const struct manifest_cap *asked = &child->instance->manifest->caps[cap];
    const struct compile_link *link = &child->links[cap];
    if (asked->owner) {
        return asked->kind == MANIFEST_ENDPOINT || asked->kind == MANIFEST_NOTIFICATION;
    }
    bool own = link->service == PLAN_SERVICE_NONE && link->instance == child->index;
    return link->absent || own ||
           (asked->kind != MANIFEST_SPAWN && parent_holds(child, asked, link));
}

static enum status check_caps(const struct child *child, struct diag *diag)
{
    const struct manifest *m = child->instance->manifest;
    for (size_t i = 0; i < m->cap_count; i++) {
        if (!is_held(child, i)) {
            return toml_fail(diag, STATUS_SPAWN_EXCEEDS, "what the parent holds", m->caps[i].span,
                             m->caps[i].name);
        }
    }
    return STATUS_OK;
}

static enum status check(struct child *child, const struct diag *refused,
                         const struct compile_links *links, const struct policy_input *input,
                         struct diag *diag)
{
    if (!find_right(child, refused, input)) {
        return toml_fail(diag, STATUS_SPAWN_ABSENT, "parent", child->instance->manifest->name.span,
                         parent_of(input, child->index));
    }
    child->links = links->of[child->index];
    child->parent_links = links->of[child->parent_index];
    enum status status = check_quota(child, number_of(input, child->index), diag);
    return status == STATUS_OK ? check_caps(child, diag) : status;
}

bool compile_child_drop(struct diag *refused, const struct compile_links *links,
                        const struct policy_input *input)
{
    bool dropped = false;
    for (uint16_t i = 0; i < input->system->package_count; i++) {
        struct child child = {.instance = &input->instances[i], .index = i};
        if (parent_of(input, i).len != 0 && child.instance->verified != NULL &&
            refused[i].status == STATUS_OK) {
            dropped |= check(&child, refused, links, input, &refused[i]) != STATUS_OK;
        }
    }
    return dropped;
}

// The slot of a target's right that `parent` names; 0 = it is another's.
static uint32_t slot_of(const struct plan *plan, const struct plan_target *target,
                        struct bytes parent)
{
    for (uint32_t i = 0; i < target->caps; i++) {
        const struct plan_cap *cap = &plan->caps[target->first_cap + i];
        if (cap->service == PLAN_SERVICE_SPAWN && names(parent, target->name, cap->name)) {
            return i;
        }
    }
    return 0;
}

void compile_child_mark(struct plan *plan, const struct policy_input *input)
{
    for (uint32_t i = 0; i < plan->target_count; i++) {
        struct plan_target *target = &plan->targets[i];
        struct bytes parent = parent_of(input, target->package_index);
        for (uint32_t p = 0; parent.len != 0 && p < plan->target_count; p++) {
            uint32_t slot = slot_of(plan, &plan->targets[p], parent);
            if (slot != 0) {
                target->parent = p + 1;
                target->parent_slot = slot;
                target->child = number_of(input, target->package_index);
            }
        }
    }
}
