/* store/ledger_record.h
 * What one worker has to write down about the requests of a short while: one command, and so one
 * transaction, in which budgets, usage, roll-ups and log agree. */
#pragma once
#include "store/budget_record.h"
#include "store/log_record.h"
#include "store/rollup_record.h"
#include "store/usage_record.h"

struct ledger_entries {
    const struct budget_settlement *settlements;
    size_t settlement_count;
    const struct usage_record *usage;
    size_t usage_count;
    const struct rollup_cell *rollups;
    size_t rollup_count;
    struct text rows; /* log_row_begin */
    size_t row_count;
    int64_t newest_ms;                  /* of the rows */
    const struct log_content *contents; /* of some of the rows */
    size_t content_count;
    size_t content_bytes;
    uint64_t log_bytes_max; /* the oldest rows go when there are more, and the contents that would
                               be forgotten first; 0: no limit */
};
