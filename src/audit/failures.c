#include "audit/failures.h"

#include <arpa/inet.h>
#include <stdio.h>

enum { DAY_MS = 86400000 };

/* As it is told: of an IPv6 address its network, because whoever has one address there has all. */
static void address_of(struct text peer, char out[AUDIT_ADDRESS_BYTES])
{
    unsigned char bytes[16];

    snprintf(out, AUDIT_ADDRESS_BYTES, "%.*s", TEXT_ARG(text_first(peer, AUDIT_ADDRESS_BYTES - 1)));
    if (inet_pton(AF_INET6, out, bytes) != 1)
        return;
    memset(bytes + 8, 0, 8);
    inet_ntop(AF_INET6, bytes, out, AUDIT_ADDRESS_BYTES - 4);
    strcat(out, "/64");
}

static void begin_day(struct audit_failures *failures, int64_t wall_ms)
{
    int64_t day = wall_ms / DAY_MS;

    if (day == failures->day)
        return;
    failures->day = day;
    failures->taken_today = 0;
}

/* Where it is counted. */
static struct audit_failure *place_of(struct audit_failures *failures,
                                      const char address[AUDIT_ADDRESS_BYTES], const char *reason)
{
    struct audit_failure *known;

    for (size_t i = 0; i < failures->count; i++) {
        known = &failures->known[i];
        if (strcmp(known->address, address) == 0 && strcmp(known->reason, reason) == 0)
            return known;
    }
    if (failures->count == AUDIT_FAILURES_MAX ||
        failures->taken_today + failures->count >= AUDIT_FAILURES_A_DAY) {
        failures->others.reason = "various";
        return &failures->others;
    }
    known = &failures->known[failures->count++];
    *known = (struct audit_failure){.reason = reason};
    memcpy(known->address, address, AUDIT_ADDRESS_BYTES);
    return known;
}

void audit_failures_note(struct audit_failures *failures, struct text peer, const char *reason,
                         int64_t wall_ms)
{
    char address[AUDIT_ADDRESS_BYTES] = "";
    struct audit_failure *place;

    address_of(peer, address);
    begin_day(failures, wall_ms);
    place = place_of(failures, address, reason);
    if (place->count++ == 0)
        place->first_ms = wall_ms;
    place->last_ms = wall_ms;
}

size_t audit_failures_take(struct audit_failures *failures,
                           struct audit_failure out[AUDIT_FAILURES_MAX + 1])
{
    size_t count = failures->count;

    memcpy(out, failures->known, count * sizeof *out);
    failures->taken_today += count;
    if (failures->others.count > 0)
        out[count++] = failures->others;
    failures->count = 0;
    failures->others = (struct audit_failure){0};
    return count;
}
