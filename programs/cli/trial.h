// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// A trial: what a package would get from a system that trusts it with everything. The package's
// copy in memory is signed with a key that everybody knows, and the trust file made here lists that
// key and no other. So authors see plans and errors before anybody has signed, and the pipeline
// needs no way around its verifier. Nothing of it is ever written to a file.

#include "diag.h"
#include "file.h"

// The trust file of a trial.
enum status trial_trust(struct file_content *out, struct diag *diag) MUST_CHECK;

// Replaces all signatures of the package in `file` by the trial's. Errors: those of page 0.
enum status trial_sign(struct file_content *file, struct diag *diag) MUST_CHECK;
