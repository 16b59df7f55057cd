// SPDX-License-Identifier: BSD-2-Clause
#include "export_text.h"
#include "report_parts.h"

#include <stdlib.h>
#include <string.h>

// Who can reach whom: targets that send on the left, objects in the middle, targets that receive on
// the right. With a baseline, what is not in it is red and marked, what is only in it dashed.

enum {
    MOST_EDGES = 240, // of a picture that can still be read
    ROW = 30,
    BOX = 20,
    WIDE = 230, // of a box
    MIDDLE = 385,
    RIGHT = 770,
    SHORT = 30, // characters of a name that fit
    RECEIVE = 1,
    SEND = 2,
};

static const char LETTERS[] = "RWGP"; // of the bits of a set of rights, from the lowest

// A target's rights to an object: two arrows at most, one for each direction.
struct edge {
    size_t target, object;
    unsigned now, before;
};

// Where the letters of an arrow stand.
struct place {
    int x, y;
};

struct graph {
    const struct report_run *run;
    json_t *objects; // name -> number
    const char **object_names;
    struct edge *edges;
    size_t count, room;
    bool compared;
    bool failed;          // no memory
    struct place *places; // of the letters so far, two for each edge at most
    size_t place_count;
};

static unsigned rights_of(const char *text)
{
    unsigned rights = 0;
    for (unsigned i = 0; strcmp(text, "none") != 0 && LETTERS[i] != '\0'; i++) {
        rights |= strchr(text, LETTERS[i]) != NULL ? 1U << i : 0;
    }
    return rights;
}

static struct edge *edge_of(struct graph *graph, size_t target, const char *object)
{
    json_t *number = json_object_get(graph->objects, object);
    if (number == NULL) {
        number = json_integer((json_int_t)json_object_size(graph->objects));
        json_object_set_new(graph->objects, object, number);
    }
    size_t at = (size_t)json_integer_value(number);
    for (size_t i = graph->count; i > 0 && graph->edges[i - 1].target == target; i--) {
        if (graph->edges[i - 1].object == at) {
            return &graph->edges[i - 1];
        }
    }
    if (graph->count == graph->room) {
        size_t room = graph->room == 0 ? 64 : 2 * graph->room;
        struct edge *more = realloc(graph->edges, room * sizeof(*more));
        if (more == NULL) {
            graph->failed = true;
            return NULL;
        }
        graph->edges = more;
        graph->room = room;
    }
    graph->edges[graph->count] = (struct edge){.target = target, .object = at};
    return &graph->edges[graph->count++];
}

// What every target has to end with says nothing about who reaches whom.
static bool is_exit(const char *object, unsigned rights)
{
    return strcmp(object, "exit") == 0 && rights == SEND;
}

static void take_rows(struct graph *graph, size_t target, const json_t *rows, bool before)
{
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        const char *object = json_string_value(json_array_get(row, 2));
        const char *rights = json_string_value(json_array_get(row, 3));
        unsigned set = rights != NULL ? rights_of(rights) : 0;
        bool shown = object != NULL && set != 0 && !is_exit(object, set);
        struct edge *edge = shown ? edge_of(graph, target, object) : NULL;
        if (edge != NULL && before) {
            edge->before |= set;
        } else if (edge != NULL) {
            edge->now |= set;
        }
    }
}

static void build(struct graph *graph, const struct report_run *run, const json_t *baseline)
{
    *graph = (struct graph){.run = run, .objects = json_object(), .compared = baseline != NULL};
    for (size_t i = 0; i < run->target_count; i++) {
        take_rows(graph, i, run->targets[i].caps, false);
        take_rows(graph, i, json_object_get(baseline, run->targets[i].name), true);
    }
    graph->object_names = calloc(json_object_size(graph->objects) + 1, sizeof(char *));
    graph->places = calloc(2 * graph->count + 1, sizeof(*graph->places));
    graph->failed |= graph->object_names == NULL || graph->places == NULL;
    const char *name;
    json_t *number;
    json_object_foreach(graph->objects, name, number)
    {
        if (!graph->failed) {
            graph->object_names[json_integer_value(number)] = name;
        }
    }
}

static void drop(struct graph *graph)
{
    free(graph->edges);
    free(graph->places);
    free(graph->object_names);
    json_decref(graph->objects);
}

static bool is_added(const struct graph *graph, unsigned now, unsigned before)
{
    return graph->compared && (now & ~before) != 0;
}

static void put_name(FILE *to, const char *name)
{
    struct bytes whole = bytes_text(name);
    bool cut = whole.len > SHORT;
    export_text_xml(to, cut ? bytes_part(whole, 0, SHORT - 1) : whole);
    fputs(cut ? "\xe2\x80\xa6" : "", to);
}

static void put_letters(FILE *to, unsigned rights)
{
    for (unsigned i = 0; LETTERS[i] != '\0'; i++) {
        if ((rights >> i & 1U) != 0) {
            putc(LETTERS[i], to);
        }
    }
}

// A point of the curve with these four coordinates, `eighths` of the way along.
static int along(const int at[4], int eighths)
{
    int t = eighths, u = 8 - eighths;
    return (u * u * u * at[0] + 3 * u * u * t * at[1] + 3 * u * t * t * at[2] + t * t * t * at[3]) /
           512;
}

// How far the nearest letters are from a point, squared; near ones above or below count as nearer.
static int room_at(const struct graph *graph, struct place at)
{
    enum { FAR = 1 << 20 };
    int room = FAR;
    for (size_t i = 0; i < graph->place_count; i++) {
        int x = graph->places[i].x - at.x, y = graph->places[i].y - at.y;
        int distance = x * x + 4 * y * y;
        room = distance < room ? distance : room;
    }
    return room;
}

// The place along an arrow where its letters have the most room.
static struct place place_on(struct graph *graph, const int x[4], const int y[4])
{
    static const int eighths[] = {4, 3, 5, 2, 6};
    struct place best = {along(x, 4), along(y, 4)};
    for (size_t i = 0; i < sizeof(eighths) / sizeof(eighths[0]); i++) {
        struct place other = {along(x, eighths[i]), along(y, eighths[i])};
        best = room_at(graph, other) > room_at(graph, best) ? other : best;
    }
    graph->places[graph->place_count++] = best;
    return best;
}

// One arrow, from column to column, between the boxes' middles.
static void put_arrow(FILE *to, struct graph *graph, const struct edge *edge, bool receives,
                      const size_t rows[2])
{
    unsigned mask = receives ? RECEIVE : ~(unsigned)RECEIVE;
    unsigned now = edge->now & mask, before = edge->before & mask;
    bool added = is_added(graph, now, before);
    int begin = receives ? MIDDLE + WIDE : WIDE, end = (receives ? RIGHT : MIDDLE) - 8;
    int from = (int)rows[0] * ROW + BOX, down = (int)rows[1] * ROW + BOX;
    const int x[] = {begin, begin + 70, end - 70, end}, y[] = {from, from, down, down};
    struct place letters = place_on(graph, x, y);
    fprintf(to, "<g class=\"edge%s\"><path d=\"M%d %dC%d %d %d %d %d %d\"/>",
            added      ? " added"
            : now == 0 ? " removed"
                       : "",
            x[0], y[0], x[1], y[1], x[2], y[2], x[3], y[3]);
    fprintf(to, "<path class=\"tip\" d=\"M%d %dl-9 -4v8z\"/><text x=\"%d\" y=\"%d\">%s", end + 8,
            down, letters.x, letters.y + 4, added ? "+" : "");
    put_letters(to, now == 0 ? before : now);
    fputs("</text><title>", to);
    export_text_xml(to, bytes_text(graph->run->targets[edge->target].name));
    fputs(receives ? " receives from " : " sends to ", to);
    export_text_xml(to, bytes_text(graph->object_names[edge->object]));
    fprintf(to, "%s</title></g>\n",
            added      ? ", more than the baseline"
            : now == 0 ? ", in the baseline only"
                       : "");
}

static void put_box(FILE *to, int x, size_t row, const char *kind, const char *name)
{
    int y = (int)row * ROW + BOX / 2;
    fprintf(to,
            "<g><rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"3\"/>"
            "<text x=\"%d\" y=\"%d\">",
            kind, x, y, WIDE, BOX, x + 8, y + 14);
    put_name(to, name);
    fputs("</text><title>", to);
    export_text_xml(to, bytes_text(name));
    fputs("</title></g>\n", to);
}

// The row of each target in a column; SIZE_MAX where it is not in it. Gives the number of rows.
static size_t rows_of(size_t *rows, const struct graph *graph, unsigned mask)
{
    size_t count = 0;
    for (size_t i = 0; i < graph->run->target_count; i++) {
        rows[i] = SIZE_MAX;
    }
    for (size_t i = 0; i < graph->count; i++) {
        const struct edge *edge = &graph->edges[i];
        if (((edge->now | edge->before) & mask) != 0 && rows[edge->target] == SIZE_MAX) {
            rows[edge->target] = count++;
        }
    }
    return count;
}

static void put_targets(FILE *to, const struct graph *graph, const size_t *rows, int x)
{
    for (size_t i = 0; i < graph->run->target_count; i++) {
        if (rows[i] != SIZE_MAX) {
            put_box(to, x, rows[i], "subject", graph->run->targets[i].name);
        }
    }
}

static size_t most(size_t a, size_t b)
{
    return a > b ? a : b;
}

static void put_picture(FILE *to, struct graph *graph, size_t *left, size_t *right)
{
    size_t objects = json_object_size(graph->objects);
    size_t senders = rows_of(left, graph, ~(unsigned)RECEIVE);
    size_t receivers = rows_of(right, graph, RECEIVE);
    int height = (int)most(objects, most(senders, receivers)) * ROW + BOX;
    fprintf(to,
            "<div class=\"wide\"><svg class=\"graph\" role=\"img\" aria-label=\"authority graph\" "
            "viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\">\n",
            RIGHT + WIDE, height, RIGHT + WIDE, height);
    for (size_t i = 0; i < graph->count; i++) {
        const struct edge *edge = &graph->edges[i];
        if (((edge->now | edge->before) & ~(unsigned)RECEIVE) != 0) {
            put_arrow(to, graph, edge, false, (size_t[]){left[edge->target], edge->object});
        }
        if (((edge->now | edge->before) & RECEIVE) != 0) {
            put_arrow(to, graph, edge, true, (size_t[]){edge->object, right[edge->target]});
        }
    }
    put_targets(to, graph, left, 0);
    put_targets(to, graph, right, RIGHT);
    for (size_t i = 0; i < objects; i++) {
        put_box(to, MIDDLE, i, "object", graph->object_names[i]);
    }
    fputs("</svg></div>\n", to);
}

static void put_summary(FILE *to, const struct graph *graph)
{
    size_t added = 0, removed = 0;
    for (size_t i = 0; i < graph->count; i++) {
        added += (graph->edges[i].now & ~graph->edges[i].before) != 0;
        removed += (graph->edges[i].before & ~graph->edges[i].now) != 0;
    }
    if (graph->compared) {
        fprintf(
            to,
            "<p class=\"%s\">Against the baseline: %zu with more rights (red, +), %zu with fewer "
            "(dashed where nothing is left).</p>\n",
            added != 0 ? "lvl-error" : "soft", added, removed);
    }
}

void report_graph(FILE *to, const struct report_run *run, const json_t *baseline)
{
    struct graph graph;
    size_t *rows = calloc(2 * run->target_count + 1, sizeof(*rows));
    build(&graph, run, baseline);
    fputs("<h2>Who could reach whom</h2>\n<p class=\"soft\">Left: who sends, signals or calls. "
          "Right: "
          "who receives. Reply objects, and the exit that every target has, are left out.</p>\n",
          to);
    put_summary(to, &graph);
    if (graph.failed || rows == NULL || graph.count > MOST_EDGES) {
        fprintf(to,
                "<p>%zu edges are more than a picture can show; the lists above have them.</p>\n",
                graph.count);
    } else {
        put_picture(to, &graph, rows, rows + run->target_count);
    }
    free(rows);
    drop(&graph);
}
