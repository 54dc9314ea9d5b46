/* What was spent of an account, and that an account has a lease open, as bytes. */
#include "store/record_io.h"

void record_put_budget(struct buffer *out, struct text key, const struct budget_record *budget)
{
    size_t at = record_begin(out, RECORD_BUDGET);

    record_put_number(out, (uint64_t)budget->settled, 8);
    record_put_number(out, (uint64_t)budget->recovered, 8);
    record_put_number(out, (uint64_t)budget->open, 8);
    record_put_number(out, (uint64_t)budget->recovered_ms, 8);
    record_finish(out, at, key);
}

bool record_get_budget(struct text key, struct text value, struct budget_record *out,
                       struct error *err)
{
    struct payload payload;

    if (!payload_open(RECORD_BUDGET, key, value, &payload, err))
        return false;
    *out = (struct budget_record){.key = key};
    out->settled = (int64_t)payload_number(&payload, 8);
    out->recovered = (int64_t)payload_number(&payload, 8);
    out->open = (int64_t)payload_number(&payload, 8);
    out->recovered_ms = (int64_t)payload_number(&payload, 8);
    if (out->settled < 0 || out->recovered < 0)
        return record_damaged(RECORD_BUDGET, key, "it counts less than nothing", err);
    return payload_close(&payload, RECORD_BUDGET, key, err);
}

void record_put_lease(struct buffer *out, struct text key)
{
    record_finish(out, record_begin(out, RECORD_LEASE), key);
}

bool record_get_lease(struct text key, struct text value, struct error *err)
{
    struct payload payload;

    return payload_open(RECORD_LEASE, key, value, &payload, err) &&
           payload_close(&payload, RECORD_LEASE, key, err);
}
