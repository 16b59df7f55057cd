// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What two trust files say differently, whatever their order and spelling: a value that is left out
// counts as its default, lists are sets, keys are known by their id, rules by their pattern.

#include "trust.h"

#include <jansson.h>

// An array of objects: `where` is the value's path ("key.ops-a.state"), `was` and `now` its texts,
// null where there is none. Of a list, one object for each member that came or went. The caller
// owns it.
json_t *trust_changes(const struct trust *was, const struct trust *now);
