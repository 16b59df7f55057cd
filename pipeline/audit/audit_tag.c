// SPDX-License-Identifier: BSD-2-Clause
#include "audit_tag.h"

#include "sel4_cap.h"

enum plan_type audit_tag_type(uint64_t tag)
{
    switch (tag) {
    case SEL4_CAP_TAG_ENDPOINT:
        return PLAN_ENDPOINT;
    case SEL4_CAP_TAG_NOTIFICATION:
        return PLAN_NOTIFICATION;
    case SEL4_CAP_TAG_REPLY:
        return PLAN_REPLY;
    case SEL4_CAP_TAG_IRQ_HANDLER:
        return PLAN_IRQ_HANDLER;
    case SEL4_CAP_TAG_IO_PORT:
        return PLAN_IO_PORTS;
    default:
        return PLAN_TYPE_COUNT;
    }
}
