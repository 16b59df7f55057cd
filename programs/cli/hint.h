// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "status.h"

// One sentence on what to do about an error, or NULL where its text says it all.
const char *hint_for(enum status status);
