// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// For those who show findings beside code: SARIF 2.1.0, GitLab's code quality list, GitHub's
// workflow commands. The place of a finding is its line in the event log.

#include "export.h"

// Each writes one whole document; what `to` cannot take shows in ferror.
void export_code_sarif(FILE *to, const struct export_input *input);
void export_code_gitlab(FILE *to, const struct export_input *input);
void export_code_github(FILE *to, const struct export_input *input);
