// SPDX-License-Identifier: BSD-2-Clause
#include "dump_words.h"
#include "graph.h"
#include "graph_label.h"
#include "graph_words.h"
#include "order.h"

// Layout. Targets that send stand on the left, objects in the middle, targets that receive on the
// right; a target that does both stands on both sides. Objects go in the order of their names; each
// target goes to the mean height of its objects, and rows are filled from the top, so that nothing
// overlaps and the picture is the same for the same authority.

enum {
    BOX = 230,       // width of a node
    LINE = 26,       // height of a node
    ROW = 46,        // from one node to the next
    GAP = 190,       // between columns: room for labels
    EDGE = 24,       // around the picture
    HEAD = 56,       // title and column heads
    LEGEND = 30,     // of a comparison, above them
    NAME_SHOWN = 28, // characters of a name that fit
};
enum { COLUMN = BOX + GAP };

struct node {
    uint64_t sum; // of the rows of its objects
    uint32_t edges;
    uint32_t row;
};

struct picture {
    const struct text_sink *s;
    const struct authority *a;
    const uint8_t *marks; // of each grant; NULL: no comparison
    uint32_t *object;     // of each grant: its row
    struct node *left;    // of each target
    struct node *right;   // of each target
    uint32_t *order, *scratch;
    uint32_t objects, rows;
    struct graph_labels labels;
};

static void put_escaped(const struct text_sink *s, struct bytes raw)
{
    for (size_t i = 0; i < raw.len; i++) {
        uint8_t c = raw.at[i];
        if (c == '&' || c == '<' || c == '>' || c == '"' || c == '\'') {
            dump_words_put(s, "&#");
            dump_words_u64(s, c);
            dump_words_put(s, ";");
        } else {
            s->put(s->to, c < 0x20 || c >= 0x7f ? bytes_text("?") : bytes_part(raw, i, 1));
        }
    }
}

static void put_number(const struct text_sink *s, const char *before, uint64_t value)
{
    dump_words_put(s, before);
    dump_words_u64(s, value);
}

static uint32_t top_of(const struct picture *p)
{
    return EDGE + (p->marks != NULL ? LEGEND : 0);
}

static uint32_t y_of(const struct picture *p, uint32_t row)
{
    return HEAD + top_of(p) + row * ROW;
}

static int compare_objects(const void *context, uint32_t a, uint32_t b)
{
    const struct authority *all = context;
    return bytes_compare(all->grants[a].object, all->grants[b].object);
}

static void place_objects(struct picture *p)
{
    const struct authority *a = p->a;
    order_sort(p->order, p->scratch, a->grant_count, compare_objects, a);
    for (uint32_t i = 0; i < a->grant_count; i++) {
        bool same = i > 0 && compare_objects(a, p->order[i - 1], p->order[i]) == 0;
        p->objects += !same;
        p->object[p->order[i]] = p->objects - 1;
    }
    p->rows = p->objects;
}

static void count_edges(struct picture *p)
{
    for (uint32_t i = 0; i < p->a->grant_count; i++) {
        const struct authority_grant *grant = &p->a->grants[i];
        struct node *side = graph_words_sends(grant) ? p->left : p->right;
        side[grant->target].sum += p->object[i];
        side[grant->target].edges++;
    }
}

// By mean row of their objects; those without objects come last.
static int compare_nodes(const void *context, uint32_t a, uint32_t b)
{
    const struct node *nodes = context;
    const struct node *x = &nodes[a], *y = &nodes[b];
    if (x->edges == 0 || y->edges == 0) {
        return (x->edges == 0) - (y->edges == 0);
    }
    uint64_t left = x->sum * y->edges, right = y->sum * x->edges;
    return (left > right) - (left < right);
}

static void place_side(struct picture *p, struct node *side, bool everybody)
{
    uint32_t next = 0;
    order_sort(p->order, p->scratch, p->a->target_count, compare_nodes, side);
    for (uint32_t i = 0; i < p->a->target_count; i++) {
        struct node *node = &side[p->order[i]];
        bool alone = p->left[p->order[i]].edges == 0 && p->right[p->order[i]].edges == 0;
        if (node->edges == 0 && !(everybody && alone)) {
            continue;
        }
        uint32_t wanted = node->edges != 0 ? (uint32_t)(node->sum / node->edges) : 0;
        node->row = wanted > next ? wanted : next;
        node->edges = node->edges != 0 ? node->edges : 1;
        next = node->row + 1;
    }
    p->rows = p->rows > next ? p->rows : next;
}

// An arrow head of each colour: a line does not pass its own on.
static void put_arrows(const struct text_sink *s)
{
    static const char *const names[] = {"m", "mp", "mr"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        dump_words_put(s, "<marker id=\"");
        dump_words_put(s, names[i]);
        dump_words_put(s, "\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"9\" "
                          "markerHeight=\"9\" markerUnits=\"userSpaceOnUse\" orient=\"auto\">"
                          "<path class=\"");
        dump_words_put(s, names[i]);
        dump_words_put(s, "\" d=\"M0 0 8 4 0 8z\"/></marker>");
    }
}

static void put_head(const struct picture *p)
{
    const struct text_sink *s = p->s;
    uint32_t width = 2 * EDGE + 3 * BOX + 2 * GAP, height = y_of(p, p->rows) + EDGE;
    put_number(s,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-labelledby=\"t d\" "
               "viewBox=\"0 0 ",
               width);
    put_number(s, " ", height);
    put_number(s, "\" width=\"", width);
    put_number(s, "\" height=\"", height);
    put_number(s, "\">\n<title id=\"t\">Authority</title>\n<desc id=\"d\">", p->a->target_count);
    put_number(s, " targets hold ", p->a->grant_count);
    put_number(s, " capabilities to ", p->objects);
    dump_words_put(
        s, " objects. Left: targets that send or control. Middle: objects. Right: targets that "
           "receive.</desc>\n<style>\n"
           "text{font:13px system-ui,sans-serif;fill:#1d2430}.h{font-weight:600}\n"
           ".l{font-size:11px;text-anchor:middle;stroke:#fff;stroke-width:4px;"
           "stroke-linejoin:round;paint-order:stroke}\n"
           ".b,.o{fill:#fff}.t{fill:#e8eef7}.t,.o{stroke:#8a94a3}.m{fill:#8a94a3}\n"
           ".e{fill:none;stroke:#8a94a3;stroke-width:1.5;marker-end:url(#m)}"
           ".g{stroke:#b3261e;stroke-width:3;stroke-dasharray:7 3}"
           ".p{stroke:#1a7f37;stroke-width:3.5;marker-end:url(#mp)}.r{stroke:#b3261e;"
           "stroke-width:2;stroke-dasharray:6 4;marker-end:url(#mr)}.mp{fill:#1a7f37}"
           ".mr{fill:#b3261e}.lp{fill:#1a7f37;font-weight:600}.lr{fill:#b3261e;"
           "font-weight:600}\n"
           "@media (prefers-color-scheme:dark){text{fill:#e4e8ef}.l{stroke:#14181f}"
           ".b{fill:#14181f}.o{fill:#1c222c}.t{fill:#2a3850}.t,.o,.e{stroke:#78849a}"
           ".m{fill:#78849a}.g,.r{stroke:#ff8a80}.p{stroke:#57d27f}.lp,.mp{fill:#57d27f}"
           ".lr,.mr{fill:#ff8a80}}\n"
           "</style>\n<defs>");
    put_arrows(s);
    dump_words_put(s, "</defs>\n<rect class=\"b\" width=\"100%\" height=\"100%\"/>\n");
    static const char *const heads[] = {"sends or controls", "object", "receives"};
    for (uint32_t i = 0; i < 3; i++) {
        put_number(s, "<text class=\"h\" x=\"", EDGE + i * COLUMN);
        put_number(s, "\" y=\"", top_of(p) + 16);
        dump_words_put(s, "\">");
        dump_words_put(s, heads[i]);
        dump_words_put(s, "</text>\n");
    }
}

static void put_node(const struct picture *p, uint32_t column, uint32_t row, struct bytes name)
{
    const struct text_sink *s = p->s;
    bool cut = name.len > NAME_SHOWN;
    dump_words_put(s, "<g><title>");
    put_escaped(s, name);
    put_number(s, "</title><rect x=\"", EDGE + column * COLUMN);
    put_number(s, "\" y=\"", y_of(p, row));
    put_number(s, "\" width=\"", BOX);
    put_number(s, "\" height=\"", LINE);
    dump_words_put(s, column == 1 ? "\" rx=\"13\" class=\"o\"/>" : "\" rx=\"3\" class=\"t\"/>");
    put_number(s, "<text x=\"", EDGE + column * COLUMN + 10);
    put_number(s, "\" y=\"", y_of(p, row) + 18);
    dump_words_put(s, "\">");
    put_escaped(s, cut ? bytes_part(name, 0, NAME_SHOWN - 3) : name);
    dump_words_put(s, cut ? "...</text></g>\n" : "</text></g>\n");
}

static void put_nodes(const struct picture *p)
{
    const struct authority *a = p->a;
    for (uint32_t i = 0; i < a->target_count; i++) {
        if (p->left[i].edges != 0) {
            put_node(p, 0, p->left[i].row, a->targets[i].name);
        }
        if (p->right[i].edges != 0) {
            put_node(p, 2, p->right[i].row, a->targets[i].name);
        }
    }
    memset(p->scratch, 0, a->grant_count * sizeof *p->scratch);
    for (uint32_t i = 0; i < a->grant_count; i++) {
        if (p->scratch[p->object[i]]++ == 0) {
            put_node(p, 1, p->object[i], a->grants[i].object);
        }
    }
}

// A line from the right side of one column to the left side of the next one.
struct edge {
    uint32_t column, from, to;
};

static struct edge edge_of(const struct picture *p, uint32_t index)
{
    const struct authority_grant *grant = &p->a->grants[index];
    if (graph_words_sends(grant)) {
        return (struct edge){0, p->left[grant->target].row, p->object[index]};
    }
    return (struct edge){1, p->object[index], p->right[grant->target].row};
}

static enum graph_mark mark_of(const struct picture *p, uint32_t index)
{
    return p->marks != NULL ? (enum graph_mark)p->marks[index] : GRAPH_KEPT;
}

// In a comparison thick and dashed lines tell what changed, else what is grave.
static const char *line_class(const struct picture *p, uint32_t index)
{
    static const char *const classes[] = {"", " p", " p", " r", " r"};
    if (p->marks == NULL) {
        return graph_words_is_grave(&p->a->grants[index]) ? " g" : "";
    }
    return classes[mark_of(p, index)];
}

static void put_edge(const struct picture *p, uint32_t index)
{
    const struct text_sink *s = p->s;
    struct edge e = edge_of(p, index);
    uint32_t x = EDGE + e.column * COLUMN + BOX, from = y_of(p, e.from) + LINE / 2;
    uint32_t to = y_of(p, e.to) + LINE / 2;
    dump_words_put(s, "<path class=\"e");
    dump_words_put(s, line_class(p, index));
    put_number(s, "\" d=\"M", x);
    put_number(s, " ", from);
    put_number(s, "C", x + GAP / 2);
    put_number(s, " ", from);
    put_number(s, " ", x + GAP / 2);
    put_number(s, " ", to);
    put_number(s, " ", x + GAP);
    put_number(s, " ", to);
    dump_words_put(s, "\"/>\n");
}

static void put_label(struct picture *p, uint32_t index)
{
    static const char *const classes[] = {"", " lp", " lp", " lr", " lr"};
    static const char *const signs[] = {"", "+ ", "wider: ", "narrower: ", "- "};
    const struct text_sink *s = p->s;
    struct edge e = edge_of(p, index);
    struct graph_curve curve = {.x = EDGE + e.column * COLUMN + BOX,
                                .gap = GAP,
                                .from = y_of(p, e.from) + LINE / 2,
                                .to = y_of(p, e.to) + LINE / 2};
    char label[96];
    struct text t = text_of(label, sizeof label);
    text_put(&t, signs[mark_of(p, index)]);
    graph_words_put_label(&t, &p->a->grants[index]);
    struct graph_label place = graph_label_place(&p->labels, &curve, t.len);
    dump_words_put(s, "<text class=\"l");
    dump_words_put(s, classes[mark_of(p, index)]);
    put_number(s, "\" x=\"", place.x);
    put_number(s, "\" y=\"", place.y - 4);
    dump_words_put(s, "\">");
    put_escaped(s, text_bytes(&t));
    dump_words_put(s, "</text>\n");
}

static void put_legend(const struct picture *p)
{
    static const struct {
        const char *line, *text;
    } entries[] = {{" p", "gained"}, {" r", "lost"}, {"", "as before"}};
    const struct text_sink *s = p->s;
    for (uint32_t i = 0; p->marks != NULL && i < sizeof entries / sizeof *entries; i++) {
        uint32_t x = EDGE + i * 170;
        dump_words_put(s, "<path class=\"e");
        dump_words_put(s, entries[i].line);
        put_number(s, "\" d=\"M", x);
        put_number(s, " ", EDGE + 4);
        put_number(s, "L", x + 56);
        put_number(s, " ", EDGE + 4);
        put_number(s, "\"/>\n<text x=\"", x + 66);
        put_number(s, "\" y=\"", EDGE + 8);
        dump_words_put(s, "\">");
        dump_words_put(s, entries[i].text);
        dump_words_put(s, "</text>\n");
    }
}

enum status graph_svg(const struct text_sink *sink, const struct authority *a, const uint8_t *marks,
                      struct arena *arena, struct diag *diag)
{
    struct picture p = {.s = sink, .a = a, .marks = marks};
    uint32_t most = a->grant_count > a->target_count ? a->grant_count : a->target_count;
    p.object = arena_take(arena, a->grant_count + 1U, sizeof *p.object);
    p.left = arena_take(arena, a->target_count + 1U, sizeof *p.left);
    p.right = arena_take(arena, a->target_count + 1U, sizeof *p.right);
    p.order = arena_take(arena, most + 1U, sizeof *p.order);
    p.scratch = arena_take(arena, most + 1U, sizeof *p.scratch);
    if (p.object == NULL || p.left == NULL || p.right == NULL || p.order == NULL ||
        p.scratch == NULL || !graph_label_open(&p.labels, a->grant_count, arena)) {
        return diag_fail(diag, STATUS_NO_MEMORY, "picture", most);
    }
    place_objects(&p);
    count_edges(&p);
    place_side(&p, p.right, false);
    place_side(&p, p.left, true);
    put_head(&p);
    put_legend(&p);
    for (uint32_t i = 0; i < a->grant_count; i++) {
        put_edge(&p, i);
    }
    for (uint32_t i = 0; i < a->grant_count; i++) {
        put_label(&p, i);
    }
    put_nodes(&p);
    dump_words_put(sink, "</svg>\n");
    return STATUS_OK;
}
