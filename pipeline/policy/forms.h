// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What strings in manifests and system files look like.

#include "name.h"
#include "schema.h"

extern const struct schema_form forms_package_name; // not the root task's
extern const struct schema_form forms_label;        // capability, instance and system names
extern const struct schema_form forms_pattern;      // over package names
extern const struct schema_form forms_peer;         // "package/name"
extern const struct schema_form forms_version;      // SemVer
extern const struct schema_form forms_path;         // not empty, no NUL
extern const struct schema_form forms_argument;     // no NUL
extern const struct schema_form forms_event;        // "target.exited"
