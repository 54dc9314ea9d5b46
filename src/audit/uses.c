#include "audit/uses.h"

bool audit_uses_note(struct audit_uses *uses, struct text id, int64_t wall_ms)
{
    uint64_t hash = text_hash(id);
    size_t place = 0;

    for (size_t i = 0; i < AUDIT_USES_MAX; i++) {
        if (uses->known[i].id == hash && uses->known[i].recorded_ms > 0) {
            place = i;
            break;
        }
        if (uses->known[i].recorded_ms < uses->known[place].recorded_ms)
            place = i;
    }
    if (uses->known[place].id == hash && uses->known[place].recorded_ms > 0 &&
        wall_ms - uses->known[place].recorded_ms < AUDIT_USE_EVERY_MS)
        return false;
    uses->known[place].id = hash;
    uses->known[place].recorded_ms = wall_ms;
    return true;
}
