// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Pictures of an authority (spec/diff.md, 7): who has what authority over which object. Both are
// deterministic. Names may be hostile: none leaves its place in the picture's language.

#include "authority.h"
#include "dump.h"

// DOT, for Graphviz.
void graph_dot(const struct text_sink *sink, const struct authority *a);

// What a comparison says of a capability.
enum graph_mark { GRAPH_KEPT, GRAPH_ADDED, GRAPH_WIDENED, GRAPH_NARROWED, GRAPH_REMOVED };

// SVG, complete in itself: three columns, who sends, what over, who receives. Colours follow the
// viewer's light or dark setting; nothing is told by colour alone. With `marks`, one for each grant
// (NULL: no comparison), what was gained is drawn thick and what was lost dashed, with a legend.
// Only names and authorities of the targets and grants are looked at. NO_MEMORY.
MUST_CHECK enum status graph_svg(const struct text_sink *sink, const struct authority *a,
                                 const uint8_t *marks, struct arena *arena, struct diag *diag);
