// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Every limit of the pipeline, with its reason. A format limit is part of spec/; the others bound
// memory.

enum {
    BOUND_PAGE = 4096,       // the frame that is hashed is the frame that is mapped
    BOUND_SIGNATURES = 16,   // slots of page 0 (spec/package.md)
    BOUND_NAME = 63,         // bytes of a package name, NUL excluded
    BOUND_MANIFEST = 65536,  // bytes; a reviewer reads it
    BOUND_TOML = 65536,      // bytes of one text file; a reviewer reads it
    BOUND_TOML_DEPTH = 16,   // nested tables; our files use three
    BOUND_TOML_NODES = 8192, // keys and values of one file
    BOUND_KEYS = 64,         // keys of one trust file: one bit each in a signer set
    BOUND_RULES = 256,       // rules of one trust file
    BOUND_TARGETS = 64,      // instances of one system in one root task
    BOUND_SEGMENTS = 16,     // PT_LOAD headers of one ELF file
    BOUND_CAP_NAME = 31,     // bytes of a capability's name
    BOUND_TARGET_CAPS = 64,  // capabilities that one manifest may ask for
    BOUND_TARGET_AREAS = 16, // regions and devices that one manifest may map
    BOUND_CNODE_BITS = 12,   // radix of a target's CNode
    BOUND_ARGUMENTS = 16,    // arguments of one instance
    BOUND_EVENT = 1024,      // bytes of one event record, framing excluded (spec/audit.md)
};
