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
extern const struct schema_form forms_ports;        // "0x3f8-0x3ff"
extern const struct schema_form forms_address;      // "0xfed00000", of a page

extern const struct schema_form forms_percent; // "80%"

// What strings of the last three forms say; false for others.
bool forms_ports_of(uint64_t *first, uint64_t *last, struct bytes text);
bool forms_address_of(uint64_t *address, struct bytes text);
bool forms_percent_of(uint64_t *percent, struct bytes text);
