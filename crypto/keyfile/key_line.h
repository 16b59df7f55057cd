// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "bytes.h"

// The next line of *rest, without its LF or CR LF; *rest is what follows.
struct bytes key_line_take(struct bytes *rest);
