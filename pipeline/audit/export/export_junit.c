// SPDX-License-Identifier: BSD-2-Clause

// JUnit XML as Jenkins, GitLab and GitHub's actions read it: <testsuite>, <testcase>, <failure>.

#include "export_junit.h"

#include "export_text.h"

#include <inttypes.h>

static void put_case(FILE *to, const struct export_junit_case *one)
{
    fputs("  <testcase classname=\"", to);
    export_text_xml(to, one->class);
    fputs("\" name=\"", to);
    export_text_xml(to, one->name);
    fprintf(to, "\" time=\"%" PRIu64 ".%06" PRIu64 "\"", one->time / 1000000000,
            one->time / 1000 % 1000000);
    if (one->failure.len == 0) {
        fputs("/>\n", to);
        return;
    }
    fputs(">\n    <failure message=\"", to);
    export_text_xml(to, one->failure);
    fputs("\">", to);
    export_text_xml(to, one->detail);
    fputs("</failure>\n  </testcase>\n", to);
}

void export_junit(FILE *to, const char *suite, const struct export_junit_case *cases, size_t count)
{
    size_t failures = 0;
    for (size_t i = 0; i < count; i++) {
        failures += cases[i].failure.len != 0;
    }
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"", to);
    export_text_xml(to, bytes_text(suite));
    fprintf(to, "\" tests=\"%zu\" failures=\"%zu\" errors=\"0\">\n", count, failures);
    for (size_t i = 0; i < count; i++) {
        put_case(to, &cases[i]);
    }
    fputs("</testsuite>\n", to);
}
