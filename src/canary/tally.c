#include "canary/tally.h"

#include "base/check.h"

static const char *const words[TALLY_RESULT_COUNT] = {
#define X(name, word) [TALLY_##name] = word,
    TALLY_RESULTS(X)
#undef X
};

const char *tally_word(enum tally_result result)
{
    CHECK(result < TALLY_RESULT_COUNT);
    return words[result];
}

bool tally_compared(enum tally_result result)
{
    return result <= TALLY_BOTH_REFUSED;
}

static bool agrees(enum tally_result result)
{
    return result == TALLY_SAME || result == TALLY_BOTH_REFUSED;
}

static size_t keep(char out[TALLY_ID_BYTES], struct text id)
{
    struct text kept = text_first(id, TALLY_ID_BYTES);

    memcpy(out, kept.at, kept.len);
    return kept.len;
}

static void keep_odd(struct tally *tally, enum tally_result result, struct text id,
                     struct text shadow_id, int64_t wall_ms)
{
    struct tally_odd *odd = &tally->odd[tally->odd_count++ % TALLY_KEPT];

    odd->wall_ms = wall_ms;
    odd->result = result;
    odd->id_len = keep(odd->id, id);
    odd->shadow_id_len = keep(odd->shadow_id, shadow_id);
}

void tally_add(struct tally *tally, enum tally_result result, const struct tally_side *answered,
               const struct tally_side *shadow, struct text id, struct text shadow_id,
               int64_t wall_ms)
{
    const struct tally_side *const sides[] = {answered, shadow};

    tally->results[result]++;
    if (!tally_compared(result))
        return;
    if (!agrees(result))
        keep_odd(tally, result, id, shadow_id, wall_ms);
    tally->timed++;
    for (size_t i = 0; i < 2; i++) {
        tally->duration_us[i] += sides[i]->duration_us;
        tally->tokens[i] += sides[i]->tokens > 0 ? (uint64_t)sides[i]->tokens : 0;
    }
    if (answered->cost_nano < 0 || shadow->cost_nano < 0)
        return;
    tally->costed++;
    for (size_t i = 0; i < 2; i++)
        tally->cost_nano[i] += (uint64_t)sides[i]->cost_nano;
}

double tally_agreement(const struct tally *tally)
{
    uint64_t agreed = tally->results[TALLY_SAME] + tally->results[TALLY_BOTH_REFUSED];

    return tally->timed > 0 ? (double)agreed / (double)tally->timed : -1;
}
