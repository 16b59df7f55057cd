// SPDX-License-Identifier: BSD-2-Clause
#include "export_text.h"
#include "report_parts.h"

#include <string.h>

enum { WIDEST = 24 }; // objects; more are shown as lists

static const char *string_at(const json_t *row, size_t index)
{
    const char *value = json_string_value(json_array_get(row, index));
    return value != NULL ? value : "";
}

// Objects in the order in which targets got them: kind and name.
static json_t *objects_of(const struct report_run *run)
{
    json_t *objects = json_object();
    for (size_t i = 0; i < run->target_count; i++) {
        size_t k;
        json_t *row;
        json_array_foreach(run->targets[i].caps, k, row)
        {
            json_object_set_new(objects, string_at(row, 2), json_string(string_at(row, 1)));
        }
    }
    return objects;
}

// All rights that a target has to an object, each letter once. True when it has a capability to it.
static bool rights_to(char letters[static 8], const struct report_target *target,
                      const char *object)
{
    size_t k, len = 0;
    json_t *row;
    bool held = false;
    json_array_foreach(target->caps, k, row)
    {
        if (strcmp(string_at(row, 2), object) != 0) {
            continue;
        }
        held = true;
        for (const char *c = "RWGP"; *c != '\0'; c++) {
            bool has = strcmp(string_at(row, 3), "none") != 0 && strchr(string_at(row, 3), *c);
            if (has && memchr(letters, *c, len) == NULL) {
                letters[len++] = *c;
            }
        }
    }
    letters[len] = '\0';
    return held;
}

static void put_cell(FILE *to, const struct report_target *target, const char *object)
{
    char letters[8];
    bool held = rights_to(letters, target, object);
    bool grants = strchr(letters, 'G') != NULL;
    fprintf(to, "<td class=\"cell%s\">%s</td>", grants ? " strong" : "",
            held && letters[0] == '\0' ? "held" : letters);
}

static void put_matrix(FILE *to, const struct report_run *run, json_t *objects)
{
    const char *object;
    json_t *kind;
    fputs("<div class=\"wide\"><table><thead><tr><th>target</th>", to);
    json_object_foreach(objects, object, kind)
    {
        fputs("<th>", to);
        export_text_xml(to, bytes_text(object));
        fputs("<br><span class=\"soft\">", to);
        export_text_xml(to, bytes_text(json_string_value(kind)));
        fputs("</span></th>", to);
    }
    fputs("</tr></thead><tbody>\n", to);
    for (size_t i = 0; i < run->target_count; i++) {
        fputs("<tr><th>", to);
        export_text_xml(to, bytes_text(run->targets[i].name));
        fputs("</th>", to);
        json_object_foreach(objects, object, kind)
        {
            put_cell(to, &run->targets[i], object);
        }
        fputs("</tr>\n", to);
    }
    fputs("</tbody></table></div>\n", to);
}

static void put_list(FILE *to, const struct report_target *target)
{
    size_t k;
    json_t *row;
    fputs("<details><summary>", to);
    export_text_xml(to, bytes_text(target->name));
    fprintf(to, " <span class=\"soft\">%zu capabilities</span></summary><ul>",
            json_array_size(target->caps));
    json_array_foreach(target->caps, k, row)
    {
        fputs("<li><code>", to);
        for (size_t part = 0; part < 5; part++) {
            export_text_xml(to, bytes_text(part == 0 ? "slot " : " "));
            export_text_xml(to, bytes_text(string_at(row, part)));
        }
        fputs("</code></li>", to);
    }
    fputs("</ul></details>\n", to);
}

void report_matrix(FILE *to, const struct report_run *run)
{
    json_t *objects = objects_of(run);
    fputs("<h2>Who could do what</h2>\n<p class=\"soft\">Issued capabilities, as recorded before "
          "each start: R receive, W send or signal, G grant, P grant-reply (a call), held = "
          "without such rights. Everything "
          "else was a tripwire.</p>\n",
          to);
    if (json_object_size(objects) <= WIDEST) {
        put_matrix(to, run, objects);
    }
    fputs("<div class=\"wide\">", to);
    for (size_t i = 0; i < run->target_count; i++) {
        put_list(to, &run->targets[i]);
    }
    fputs("</div>\n", to);
    json_decref(objects);
}
