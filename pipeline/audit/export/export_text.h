// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Text of any origin inside a foreign syntax. Whatever the bytes, they stay inside.

#include "bytes.h"

#include <stdio.h>

// Character data and attribute values of XML and HTML. What XML 1.0 does not allow, or what is
// there to mislead a reader's eye, becomes '?'.
void export_text_xml(FILE *to, struct bytes raw);

// A cell of a Markdown table: one line, nothing that is markup, a mention or HTML.
void export_text_markdown(FILE *to, struct bytes raw);

// The message, or with `property` a property, of a GitHub workflow command.
void export_text_command(FILE *to, struct bytes raw, bool property);
