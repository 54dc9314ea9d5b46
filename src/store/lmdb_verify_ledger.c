/* Every budget with a lease open is in the index of such, which names no others; usage stands under
 * the digest of its own names, and every row of the log is whole. */
#include "store/lmdb_verify.h"

/* Whether the index of open leases has this entry. */
static bool is_marked(struct walk *walk, struct text key, struct error *err)
{
    struct text value;
    int rc = lmdb_get(walk->store, walk->txn, TABLE_LEASES, key, &value);

    return rc != 0 ? record_missing(RECORD_LEASE, key, err) : record_get_lease(key, value, err);
}

static bool good_budget(struct walk *walk, struct text key, struct text value, struct error *err)
{
    struct budget_record budget;

    return record_get_budget(key, value, &budget, err) &&
           (budget.open <= 0 || is_marked(walk, key, err));
}

static bool good_lease(struct walk *walk, struct text key, struct text value, struct error *err)
{
    return record_get_lease(key, value, err) &&
           walk_finds(walk, TABLE_BUDGETS, RECORD_BUDGET, key, err);
}

static bool good_usage(struct walk *walk, struct text key, struct text value, struct error *err)
{
    unsigned char wanted[RECORD_USAGE_KEY_BYTES];
    struct usage_record usage;

    (void)walk;
    if (!record_get_usage(key, value, &usage, err))
        return false;
    record_usage_key(&usage, wanted);
    return text_equal(key, (struct text){(const char *)wanted, sizeof wanted}) ||
           error_set(err, ERROR_RECORD_DAMAGED, NULL, "usage of %.*s stands under another key",
                     TEXT_ARG(text_first(usage.names[USAGE_DAY], RECORD_DAY_BYTES)));
}

static bool good_rows(struct walk *walk, struct text key, struct text value, struct error *err)
{
    struct text rows;
    int64_t wall_ms;
    uint64_t number;

    (void)walk;
    return record_get_log(key, value, &rows, err) &&
           (record_log_split(key, &wall_ms, &number) ||
            error_set(err, ERROR_RECORD_DAMAGED, NULL, "rows of the request log have no time"));
}

static bool good_content(struct walk *walk, struct text key, struct text value, struct error *err)
{
    struct log_content content;

    (void)walk;
    return record_get_content(key, value, &content, err);
}

static bool good_rollup(struct walk *walk, struct text key, struct text value, struct error *err)
{
    struct rollup_sums sums;
    struct rollup_place place;
    uint32_t names;

    (void)walk;
    if (!record_rollup_split(key, &place))
        return error_set(err, ERROR_RECORD_DAMAGED, NULL, "a roll-up stands under a key that is none");
    return place.counts_names ? record_get_rollup_names(key, value, &names, err)
                              : record_get_rollup(key, value, &sums, err);
}

int walk_ledger(struct walk *walk)
{
    int rc = walk_table(walk, TABLE_BUDGETS, RECORD_BUDGET, good_budget, &walk->census.budgets);

    if (rc == 0)
        rc = walk_table(walk, TABLE_LEASES, RECORD_LEASE, good_lease, &walk->census.leases);
    if (rc == 0)
        rc = walk_table(walk, TABLE_USAGE, RECORD_USAGE, good_usage, &walk->census.usages);
    if (rc == 0)
        rc = walk_table(walk, TABLE_ROLLUPS, RECORD_ROLLUP, good_rollup, &walk->census.rollups);
    if (rc == 0)
        rc = walk_table(walk, TABLE_LOG, RECORD_LOG, good_rows, &walk->census.log_blocks);
    if (rc == 0)
        rc = walk_table(walk, TABLE_CONTENT, RECORD_CONTENT, good_content, &walk->census.contents);
    return rc;
}
