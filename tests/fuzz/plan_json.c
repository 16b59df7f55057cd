// SPDX-License-Identifier: BSD-2-Clause

// Plan documents that anybody wrote: what is accepted is written back to the same document, and
// whatever it describes can be drawn, is the same as itself, and gains from nothing what it loses
// to nothing, in every form of a comparison.

#include "dump.h"
#include "graph.h"
#include "plan_read.h"
#include "show.h"

#include <string.h>

#include "fuzz.h"

static uint8_t memory[64 << 20];

struct written {
    uint8_t at[1 << 20];
    size_t len;
};

static void put(void *to, struct bytes piece)
{
    struct written *w = to;
    FUZZ_CHECK(piece.len <= sizeof w->at - w->len);
    memcpy(w->at + w->len, piece.at, piece.len);
    w->len += piece.len;
}

static void put_nowhere(void *to, struct bytes piece)
{
    (void)to;
    (void)piece;
}

// The same plan after being written and read.
static void check_writing(const struct plan *plan, struct arena *arena)
{
    static struct written first, again;
    struct text_sink to_first = {.put = put, .to = &first}, to_again = {.put = put, .to = &again};
    struct diag diag = {0};
    struct plan copy;
    first.len = again.len = 0;
    dump_json(&to_first, plan);
    FUZZ_CHECK(plan_read(&copy, (struct bytes){first.at, first.len}, arena, &diag) == STATUS_OK);
    dump_json(&to_again, &copy);
    FUZZ_CHECK(first.len == again.len && memcmp(first.at, again.at, first.len) == 0);
}

static void check_forms(const struct diff *diff, struct arena *arena)
{
    static void (*const forms[])(FILE * to, const struct show *show) = {
        show_text,  show_json,  show_markdown, show_svg,
        show_sarif, show_junit, show_github,   show_gitlab};
    const struct show show = {.diff = diff, .was = "old|<x>", .now = "new", .arena = arena};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        char *text = NULL;
        size_t len = 0;
        FILE *to = open_memstream(&text, &len);
        FUZZ_CHECK(to != NULL);
        forms[i](to, &show);
        fclose(to);
        FUZZ_CHECK(len > 0 || forms[i] == show_github);
        FUZZ_CHECK(forms[i] != show_markdown || len < 65536);
        free(text);
    }
}

static void check_authority(const struct authority *a, struct arena *arena)
{
    static struct authority_target nobody;
    static const struct authority nothing = {.targets = &nobody};
    struct text_sink nowhere = {.put = put_nowhere};
    struct diag diag = {0};
    struct diff same, gained, lost;
    graph_dot(&nowhere, a);
    FUZZ_CHECK(graph_svg(&nowhere, a, NULL, arena, &diag) == STATUS_OK);
    FUZZ_CHECK(diff_make(&same, a, a, arena, &diag) == STATUS_OK);
    FUZZ_CHECK(same.verdict == DIFF_SAME && same.change_count == 0);
    FUZZ_CHECK(diff_make(&gained, &nothing, a, arena, &diag) == STATUS_OK);
    FUZZ_CHECK(diff_make(&lost, a, &nothing, arena, &diag) == STATUS_OK);
    FUZZ_CHECK(gained.change_count == lost.change_count && lost.verdict != DIFF_GREW);
    check_forms(&gained, arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct arena arena = arena_of(memory, sizeof memory);
    struct diag diag = {0};
    struct plan plan;
    struct authority a;
    enum status status = plan_read(&plan, (struct bytes){at, len}, &arena, &diag);
    if (status != STATUS_OK) {
        FUZZ_CHECK(status == STATUS_PLAN_SHAPE && diag.status == status && diag.what != NULL);
        return 0;
    }
    check_writing(&plan, &arena);
    status = authority_plan(&a, &plan, &arena, &diag);
    if (status == STATUS_OK) {
        check_authority(&a, &arena);
    } else {
        FUZZ_CHECK(status == STATUS_INSTANCE_NAME);
    }
    return 0;
}
