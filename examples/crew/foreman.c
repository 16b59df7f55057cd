// SPDX-License-Identifier: BSD-2-Clause
//
// Starts its workers, hears of their ends, and starts who failed once more, a few times.
#include "kpkg.h"

enum { CREW = 2, TRIES = 3 };

static uint64_t crew, log;

// A worker that is down: true when nothing more is to come of it.
static bool judge(uint32_t worker, const struct kpkg_child *state, uint32_t *failures)
{
    if (state->life == KPKG_CHILD_EXITED && state->code == 0) {
        kpkg_print(log, "worker %u is done, at attempt %lu", worker, state->incarnation);
        return true;
    }
    if (state->incarnation == TRIES || kpkg_spawn_start(crew, worker, NULL) != KPKG_SPAWN_DONE) {
        *failures += 1;
        return true;
    }
    kpkg_print(log, "worker %u begins again", worker);
    return false;
}

int main(void)
{
    bool done[CREW] = {false};
    uint32_t left = CREW, failures = 0;
    crew = kpkg_cap("crew");
    log = kpkg_cap("log");
    for (uint32_t i = 0; i < CREW; i++) {
        if (kpkg_spawn_start(crew, i, NULL) != KPKG_SPAWN_DONE) {
            return 1;
        }
    }
    while (left != 0) {
        kpkg_wait(kpkg_cap("child"));
        for (uint32_t i = 0; i < CREW; i++) {
            struct kpkg_child state;
            bool known = kpkg_spawn_state(&state, crew, i) == KPKG_SPAWN_DONE;
            bool up = state.life == KPKG_CHILD_RUNNING || state.life == KPKG_CHILD_WAITING;
            if (known && !up && !done[i]) {
                done[i] = judge(i, &state, &failures);
                left -= done[i];
            }
        }
    }
    return failures == 0 ? 0 : 1;
}
