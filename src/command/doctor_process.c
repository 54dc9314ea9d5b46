/* What the process may have: descriptors, two for each call. */
#include "command/doctor.h"

#include "document/json_read.h"

#include <sys/resource.h>

enum { DESCRIPTORS_PER_CONNECTION = 2, DESCRIPTORS_OWN = 64 };

/* Of the server that runs; else of one that was started from here. */
static uint64_t descriptor_limit(struct doctor *doctor)
{
    struct rlimit limit = {0};
    struct document document;
    uint32_t at = CELL_NONE;

    if (doctor->status.len > 0 &&
        json_read(doctor->status, NULL, doctor->arena, &document, NULL, NULL))
        at = document_at(&document, 0, TEXT("/descriptors/limit"));
    if (at != CELL_NONE && document.cells[at].type == CELL_INTEGER)
        return (uint64_t)document.cells[at].integer;
    getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_max;
}

void doctor_process(struct doctor *doctor)
{
    uint64_t limit = descriptor_limit(doctor);
    uint64_t wanted =
        (uint64_t)doctor->settings.max_connections * DESCRIPTORS_PER_CONNECTION + DESCRIPTORS_OWN;

    if (limit >= wanted)
        doctor_find(doctor, "descriptors", DOCTOR_OK, NULL, "%llu are allowed, %llu may be needed",
                    (unsigned long long)limit, (unsigned long long)wanted);
    else
        doctor_find(doctor, "descriptors", DOCTOR_WARNING,
                    "raise it (ulimit -Hn, LimitNOFILE=), or lower limits.connections",
                    "%llu are allowed; %u connections may need %llu", (unsigned long long)limit,
                    doctor->settings.max_connections, (unsigned long long)wanted);
}
