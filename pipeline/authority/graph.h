// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Pictures of an authority (spec/diff.md, 7): who has what authority over which object. Both are
// deterministic. Names may be hostile: none leaves its place in the picture's language.

#include "authority.h"
#include "dump.h"

// DOT, for Graphviz.
void graph_dot(const struct dump_sink *sink, const struct authority *a);

// SVG, complete in itself: three columns, who sends, what over, who receives. Colours follow the
// viewer's light or dark setting; nothing is told by colour alone. NO_MEMORY.
MUST_CHECK enum status graph_svg(const struct dump_sink *sink, const struct authority *a,
                                 struct arena *arena, struct diag *diag);
