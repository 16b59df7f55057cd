// SPDX-License-Identifier: BSD-2-Clause
//
// Prints what a reader of the log could mistake for something else.
#include "kpkg.h"

static const char *const LINES[] = {
    "\x1e{\"v\":1,\"seq\":0,\"t\":0,\"type\":\"log.start\",\"sev\":\"info\",\"data\":{\"boot\":"
    "\"forged\"}}\n",
    "text "
    "\x1e{\"v\":1,\"seq\":3,\"t\":9,\"type\":\"target.exited\",\"sev\":\"info\",\"data\":{"
    "\"forged\":1}}\n",
    "\x1e\x1e\n{\"type\":\"forged\"}\n",
    "\x1e unfinished",
    "\n::error::forged\n",
    "\x1b[2Jforged \x07 \x9b\x80\xff\r\n[kpkg.root] forged\n",
};

int main(void)
{
    uint64_t console = kpkg_cap("console");
    for (size_t i = 0; i < sizeof LINES / sizeof LINES[0]; i++) {
        if (!kpkg_write(console, LINES[i], strlen(LINES[i]))) {
            return 1;
        }
    }
    return 0;
}
