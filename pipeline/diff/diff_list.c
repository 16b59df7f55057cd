// SPDX-License-Identifier: BSD-2-Clause

// The list of changes while it is made, and its order: by rule, and within one as targets and
// objects are sorted, so that the same comparison gives the same document.

#include "diff_parts.h"

#include "order.h"

enum { CHUNK = 64 };

struct diff_chunk {
    struct diff_change at[CHUNK];
    struct diff_chunk *next;
};

bool diff_list_open(struct diff_list *list, struct arena *arena)
{
    struct diff_chunk *head = arena_take(arena, 1, sizeof *head);
    *list = (struct diff_list){.arena = arena, .first = head, .last = head, .full = head == NULL};
    return head != NULL;
}

struct diff_change *diff_list_add(struct diff_list *list)
{
    uint32_t in_chunk = list->count % CHUNK;
    if (in_chunk == 0) {
        struct diff_chunk *chunk = arena_take(list->arena, 1, sizeof *chunk);
        if (chunk == NULL) {
            list->full = true;
            memset(&list->last->at[0], 0, sizeof list->last->at[0]);
            return &list->last->at[0];
        }
        list->last->next = chunk;
        list->last = chunk;
    }
    list->count++;
    return &list->last->at[in_chunk];
}

static int compare_rules(const void *context, uint32_t a, uint32_t b)
{
    const struct diff_change *changes = context;
    return (int)changes[a].rule - (int)changes[b].rule;
}

// Targets and objects are found in ascending order, so that only the rules are left to sort by.
enum status diff_list_close(struct diff *out, struct diff *made, const struct diff_list *list,
                            struct diag *diag)
{
    struct arena *arena = list->arena;
    struct diff_change *found = arena_take(arena, list->count + 1U, sizeof *found);
    struct diff_change *sorted = arena_take(arena, list->count + 1U, sizeof *sorted);
    uint32_t *order = arena_take(arena, list->count + 1U, sizeof *order);
    uint32_t *scratch = arena_take(arena, list->count + 1U, sizeof *scratch);
    if (list->full || found == NULL || sorted == NULL || order == NULL || scratch == NULL) {
        return diag_fail(diag, STATUS_NO_MEMORY, "memory of a comparison", arena->size);
    }
    const struct diff_chunk *chunk = list->first;
    for (uint32_t i = 0; i < list->count; i++) {
        chunk = i % CHUNK == 0 ? chunk->next : chunk;
        found[i] = chunk->at[i % CHUNK];
    }
    order_sort(order, scratch, list->count, compare_rules, found);
    for (uint32_t i = 0; i < list->count; i++) {
        sorted[i] = found[order[i]];
        made->summary.reach += sorted[i].kind == DIFF_PAIR;
    }
    made->changes = sorted;
    made->change_count = list->count;
    diff_judge(made);
    *out = *made;
    return STATUS_OK;
}
