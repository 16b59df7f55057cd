// SPDX-License-Identifier: BSD-2-Clause
#include "overlay.h"
#include "show.h"

// The picture of a comparison: what was gained and lost, and who else has to do with it.

static void put(void *to, struct bytes piece)
{
    fwrite(piece.at, 1, piece.len, to);
}

void show_svg(FILE *to, const struct show *show)
{
    struct overlay overlay;
    struct diag diag;
    const struct text_sink sink = {.put = put, .to = to};
    if (!overlay_make(&overlay, show->diff, show->arena) ||
        graph_svg(&sink, &overlay.authority, overlay.marks, show->arena, &diag) != STATUS_OK) {
        fputs("<!-- not enough memory for the picture -->\n", to);
    }
}
