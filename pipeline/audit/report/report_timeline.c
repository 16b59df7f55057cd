// SPDX-License-Identifier: BSD-2-Clause

// One lane for each target, drawn as SVG of whole pixels: numbers need no locale.

#include "export_text.h"
#include "report_parts.h"

#include <inttypes.h>

enum {
    COLUMN = 4, // pixels
    LEFT = 150,
    RIGHT = 20,
    TOP = 34,
    LANE = 26,
    BAR = 12,
    CALL = 3,
    WIDTH = LEFT + REPORT_COLUMNS * COLUMN + RIGHT,
    TICKS = 6,
};

struct span {
    int y, height;
};

static int x_of(size_t column)
{
    return LEFT + (int)column * COLUMN;
}

static void put_seconds(FILE *to, uint64_t ns)
{
    fprintf(to, "%" PRIu64 ".%03" PRIu64 " s", ns / 1000000000, ns / 1000000 % 1000);
}

static void put_axis(FILE *to, const struct report_run *run, int height)
{
    for (int i = 0; i <= TICKS; i++) {
        int x = LEFT + REPORT_COLUMNS * COLUMN * i / TICKS;
        uint64_t length = run->end > run->begin ? run->end - run->begin : 0;
        fprintf(to, "<line class=\"rule\" x1=\"%d\" y1=\"20\" x2=\"%d\" y2=\"%d\"/>", x, x, height);
        fprintf(to, "<text class=\"t\" x=\"%d\" y=\"14\" text-anchor=\"%s\">", x,
                i == TICKS ? "end" : "middle");
        put_seconds(to, length / TICKS * (uint64_t)i);
        fputs("</text>", to);
    }
    for (size_t i = 0; i < REPORT_COLUMNS; i++) {
        if (run->checkpoints[i]) {
            fprintf(to, "<line class=\"check\" x1=\"%d\" y1=\"20\" x2=\"%d\" y2=\"27\"/>", x_of(i),
                    x_of(i));
        }
    }
}

// A bar for each run of columns that are set.
static void put_bars(FILE *to, const bool columns[static REPORT_COLUMNS], const char *class,
                     struct span span)
{
    for (size_t i = 0; i < REPORT_COLUMNS; i++) {
        size_t from = i;
        while (i < REPORT_COLUMNS && columns[i]) {
            i++;
        }
        if (i > from) {
            fprintf(to,
                    "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"2\"/>",
                    class, x_of(from), span.y, (int)(i - from) * COLUMN, span.height);
        }
    }
}

// The shape of a mark around (x, y); shapes differ, not only colours.
static void put_shape(FILE *to, enum report_mark mark, int x, int y)
{
    switch (mark) {
    case REPORT_FAULT:
        fprintf(to, "<path class=\"fault\" d=\"M%d %dl5 5l-5 5l-5 -5z\">", x, y - 5);
        break;
    case REPORT_DENIAL:
        fprintf(to, "<path class=\"denial\" d=\"M%d %dl5 9h-10z\">", x, y - 5);
        break;
    case REPORT_KILL:
        fprintf(to, "<path class=\"kill\" d=\"M%d %dl8 8m0 -8l-8 8\">", x - 4, y - 4);
        break;
    case REPORT_END:
        fprintf(to, "<circle class=\"end\" cx=\"%d\" cy=\"%d\" r=\"4\">", x, y);
        break;
    case REPORT_RESUMED:
        fprintf(to, "<circle class=\"resumed\" cx=\"%d\" cy=\"%d\" r=\"3\">", x, y);
        break;
    case REPORT_SPAWN:
    case REPORT_MARKS:
        fprintf(to, "<path class=\"spawn\" d=\"M%d %dv12\">", x, y - 6);
        break;
    }
}

static const char *const names[REPORT_MARKS] = {
    [REPORT_SPAWN] = "started", [REPORT_FAULT] = "fault",       [REPORT_RESUMED] = "went on after",
    [REPORT_DENIAL] = "denied", [REPORT_END] = "exited with 0", [REPORT_KILL] = "stopped or failed",
};

static void close_shape(FILE *to, enum report_mark mark)
{
    bool circle = mark == REPORT_END || mark == REPORT_RESUMED;
    fputs(circle ? "</circle>" : "</path>", to);
}

static void put_marks(FILE *to, const struct report_target *target, int y)
{
    static const enum report_mark order[] = {REPORT_SPAWN,  REPORT_RESUMED, REPORT_END,
                                             REPORT_DENIAL, REPORT_FAULT,   REPORT_KILL};
    for (size_t i = 0; i < REPORT_COLUMNS; i++) {
        for (size_t k = 0; k < sizeof(order) / sizeof(order[0]); k++) {
            uint32_t times = target->marks[i][order[k]];
            if (times != 0) {
                put_shape(to, order[k], x_of(i) + COLUMN / 2, y);
                fprintf(to, "<title>%s", names[order[k]]);
                fprintf(to, times > 1 ? " (%u times)</title>" : "</title>", times);
                close_shape(to, order[k]);
            }
        }
    }
}

static void put_lane(FILE *to, const struct report_target *target, int y)
{
    fprintf(to, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">", LEFT - 10, y + BAR - 2);
    export_text_xml(to, bytes_text(target->name));
    fputs("</text>", to);
    put_bars(to, target->runs, "bar", (struct span){y, BAR});
    put_bars(to, target->calls, "call", (struct span){y + BAR, CALL});
    put_marks(to, target, y + BAR / 2);
}

static void put_losses(FILE *to, const struct report_run *run, int height)
{
    for (size_t i = 0; i < REPORT_COLUMNS; i++) {
        size_t from = i;
        while (i < REPORT_COLUMNS && run->lost[i]) {
            i++;
        }
        if (i > from) {
            fprintf(to,
                    "<rect fill=\"url(#hatch)\" x=\"%d\" y=\"20\" width=\"%d\" height=\"%d\">"
                    "<title>records were lost here</title></rect>",
                    x_of(from), (int)(i - from) * COLUMN, height - 20);
        }
    }
}

static void put_legend(FILE *to)
{
    static const enum report_mark shown[] = {REPORT_SPAWN,   REPORT_FAULT, REPORT_DENIAL,
                                             REPORT_RESUMED, REPORT_END,   REPORT_KILL};
    static const char *const words[] = {
        "start", "fault", "denial", "budget used up, went on", "exit 0", "stopped or failed"};
    fputs("<p class=\"soft\">", to);
    for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
        fputs("<svg width=\"16\" height=\"14\" style=\"display:inline-block;vertical-align:-2px\" "
              "aria-hidden=\"true\">",
              to);
        put_shape(to, shown[i], 8, 7);
        close_shape(to, shown[i]);
        fprintf(to, "</svg> %s &nbsp; ", words[i]);
    }
    fputs("Line below a bar: in a traced call. Ticks above: checkpoints. Hatched: records "
          "lost.</p>\n",
          to);
}

void report_timeline(FILE *to, const struct report_run *run)
{
    int height = TOP + LANE * (int)run->target_count + 6;
    fputs("<h2>What happened when</h2>\n", to);
    put_legend(to);
    fprintf(to,
            "<div class=\"wide\"><svg role=\"img\" aria-label=\"timeline of the run\" "
            "viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\">",
            WIDTH, height, WIDTH, height);
    fputs("<defs><pattern id=\"hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" "
          "patternTransform=\"rotate(45)\"><path class=\"hatchline\" d=\"M0 0v6\"/></pattern>"
          "</defs>",
          to);
    put_axis(to, run, height);
    for (size_t i = 0; i < run->target_count; i++) {
        put_lane(to, &run->targets[i], TOP + LANE * (int)i);
    }
    put_losses(to, run, height);
    fputs("</svg></div>\n", to);
    if (run->lost_count != 0) {
        fprintf(to, "<p>%" PRIu64 " records were lost; the log says so itself.</p>\n",
                run->lost_count);
    }
}
