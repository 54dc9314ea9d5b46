/* store/inspect.h
 * A store seen from outside: for operators, with a server on it or without. Changes nothing. */
#pragma once
#include "audit/chain.h"
#include "base/arena.h"
#include "base/error.h"

#include <stdint.h>

/* How many records a table holds. */
struct store_table {
    struct text name;
    uint64_t records;
};

struct store_sight {
    bool there;          /* else there is no store in that folder, and nothing below is filled */
    uint64_t used_bytes; /* pages ever used */
    uint64_t map_bytes;  /* the most it may ever hold */
    int64_t written_ms;  /* wall time of its last write */
    struct audit_link audited; /* the last record of the audit log; sequence 0: there is none */
    const struct store_table *tables;
    size_t table_count;
};
/* Opens the store beside whoever has it open; `deep` walks and checks every record of one snapshot,
 * and while that lasts a server on it cannot use again what is freed. ERROR_STORAGE_ERROR when it
 * does not open (its format, its permissions), ERROR_RECORD_DAMAGED. Not for the process that has
 * it open itself. */
bool store_inspect(struct text folder, bool deep, struct arena *arena, struct store_sight *out,
                   struct error *err);
/* Whether a process has it open, and which: 0 when that is not known. */
bool store_in_use(struct text folder, uint64_t *out_pid);
