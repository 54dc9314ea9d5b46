/* provider/price.h
 * What tokens cost: the bundled table (provider/prices.json, embedded) and the arithmetic in
 * integer nano-USD. */
#pragma once
#include "chat/chat.h"

/* Nano-USD per million tokens, that is femto-USD per token; -1: unknown. What the table leaves out
 * is filled in: cached_input and cache_write cost as much as input, a tier above as much as base.
 */
struct price_tier {
    int64_t input, output, cached_input, cache_write;
};
/* What a model is for. */
enum price_use {
    PRICE_USE_UNKNOWN, /* anything, as far as is known */
    PRICE_USE_CHAT,
    PRICE_USE_EMBEDDING
};
struct price {
    struct price_tier base;
    struct price_tier above; /* of the whole call once the prompt exceeds above_tokens */
    int64_t above_tokens;    /* 0: no such tier */
    int64_t max_output;      /* tokens; 0: not known */
    bool reasoning;          /* takes max_completion_tokens and no sampling parameters */
    enum price_use use;
};

struct price_table;
/* The bundled table, parsed once at start; const and shared. CHECKs that it is well formed. */
const struct price_table *price_table_bundled(void);
/* By provider kind ("openai") and model, aliases of the same provider followed; NULL when it is not
 * listed. Every model of "demo" costs nothing, known as such. */
const struct price *price_find(const struct price_table *table, struct text provider,
                               struct text model);
/* What is listed, but for models that are no longer served, in no order: begins with *place 0;
 * false behind the last. */
bool price_table_next(const struct price_table *table, size_t *place, struct text *out_provider,
                      struct text *out_model);
/* Nano-USD, rounded up once at the end; -1 when the price of any token used is not known (`price`
 * may be NULL). Never negative otherwise, and exact: 128-bit inside. Counts that cannot be
 * (negative, or more cached than there are) are taken as the nearest that can. */
int64_t price_cost_nano(const struct price *price, const struct chat_usage *usage);
/* What the cost of a call is made of. */
enum price_kind {
    PRICE_INPUT, /* but for the next two */
    PRICE_CACHED,
    PRICE_CACHE_WRITE,
    PRICE_OUTPUT, /* but for the next */
    PRICE_REASONING,
    PRICE_KIND_COUNT
};
const char *price_kind_word(enum price_kind kind); /* "input" */
/* Adds a call's tokens and nano-USD of each kind. All kinds together cost, to the last nano, what
 * price_cost_nano says. False where that is not known; then nothing is added. */
bool price_split(const struct price *price, const struct chat_usage *usage,
                 int64_t tokens[PRICE_KIND_COUNT], int64_t nano[PRICE_KIND_COUNT]);
