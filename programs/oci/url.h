// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Addresses that a registry sends: where it wants an upload, a redirect, a token request. They are
// hostile: only HTTPS is followed, and plain HTTP among loopback addresses where that was asked
// for.

#include <stdbool.h>

enum { URL_MAX = 4096 }; // bytes of an address, NUL included; upload states of registries are long

// `relative` as seen from `base`. False when it is none, or too long.
bool url_resolve(char out[static URL_MAX], const char *base, const char *relative);

// Whether scheme, host and port are the same: only then may credentials go there.
bool url_same_origin(const char *a, const char *b);

// Whether `url` may be asked at all by somebody who asked `origin`.
bool url_allowed(const char *url, const char *origin);

// Adds `name=value` to the query of `url`; the value is escaped.
bool url_add_query(char url[static URL_MAX], const char *name, const char *value);
