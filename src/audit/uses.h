/* audit/uses.h
 * Which credentials were used lately, so that the use of one is recorded once an hour and not with
 * every call. Of more than AUDIT_USES_MAX at once the one that was recorded longest ago is
 * forgotten, and recorded again with its next use.
 *
 * Time is an argument; a zeroed one is empty; there is nothing to release. Not for several threads
 * at once. */
#pragma once
#include "base/text.h"

#include <stdint.h>

enum { AUDIT_USES_MAX = 64, AUDIT_USE_EVERY_MS = 3600000 };

struct audit_uses {
    struct {
        uint64_t id; /* text_hash of it */
        int64_t recorded_ms;
    } known[AUDIT_USES_MAX];
};

/* Whether this use is to be recorded; then it counts as recorded. */
bool audit_uses_note(struct audit_uses *uses, struct text id, int64_t wall_ms);
