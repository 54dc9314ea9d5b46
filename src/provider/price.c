/* The bundled table is read once into an open-addressing hash of (provider, model); an alias is one
 * more entry with the price of what it stands for, so a lookup is one probe either way. Prices are
 * written as decimal USD per million tokens and kept as whole nano-USD per million, so no binary
 * fraction is ever near money. */
#include "provider/price.h"

#include "base/check.h"
#include "document/json_read.h"

#include <pthread.h>

extern const char provider_prices_json[], provider_prices_json_end[]; /* prices.S */

enum { NANO_DIGITS = 9, TOKENS_PER_PRICE = 1000000, NOT_NAMED = -2 };

struct entry {
    struct text provider, model; /* an empty model: a free place */
    bool retired;
    struct price price;
};
struct price_table {
    struct entry *entries;
    size_t mask; /* places - 1, a power of two at least twice the entries */
    struct arena arena;
};

static struct price_table bundled;

/* "2.5" -> 2,500,000,000. */
static int64_t nano_of(struct text decimal)
{
    struct text fraction = decimal, whole = text_split(&fraction, '.');
    uint64_t units, parts = 0;

    CHECK(text_to_u64(whole, &units) && units < 1000000 && fraction.len <= NANO_DIGITS);
    CHECK(fraction.len == 0 || text_to_u64(fraction, &parts));
    for (size_t digits = fraction.len; digits < NANO_DIGITS; digits++)
        parts *= 10;
    return (int64_t)(units * 1000000000 + parts);
}

/* The member as nano-USD: `absent` when it is not there, -1 when it is null. */
static int64_t read_price(const struct document *document, uint32_t object, const char *name,
                          int64_t absent)
{
    uint32_t at = document_member(document, object, text_of(name));

    if (at == CELL_NONE)
        return absent;
    switch (document_cell(document, at)->type) {
    case CELL_NULL:
        return -1;
    case CELL_INTEGER:
        CHECK(document_cell(document, at)->integer >= 0 &&
              document_cell(document, at)->integer < 1000000);
        return document_cell(document, at)->integer * 1000000000;
    case CELL_NUMBER:
        return nano_of(document_text(document, at));
    default:
        NEVER("a price is a number or null");
    }
}

static int64_t read_count(const struct document *document, uint32_t object, const char *name)
{
    uint32_t at = document_member(document, object, text_of(name));

    if (at == CELL_NONE)
        return 0;
    CHECK(document_cell(document, at)->type == CELL_INTEGER &&
          document_cell(document, at)->integer > 0);
    return document_cell(document, at)->integer;
}

static bool read_flag(const struct document *document, uint32_t object, const char *name)
{
    uint32_t at = document_member(document, object, text_of(name));

    if (at == CELL_NONE)
        return false;
    CHECK(document_cell(document, at)->type == CELL_BOOLEAN);
    return document_cell(document, at)->boolean;
}

static struct text read_text(const struct document *document, uint32_t object, const char *name)
{
    uint32_t at = document_member(document, object, text_of(name));

    CHECK(at != CELL_NONE && document_cell(document, at)->type == CELL_STRING &&
          document_cell(document, at)->size > 0);
    return document_text(document, at);
}

static enum price_use read_use(const struct document *document, uint32_t object)
{
    struct text kind = read_text(document, object, "kind");

    if (text_equal(kind, TEXT("embedding")))
        return PRICE_USE_EMBEDDING;
    CHECK(text_equal(kind, TEXT("chat")));
    return PRICE_USE_CHAT;
}

/* The members of a tier, those it does not name taken from `other`. */
static struct price_tier read_tier(const struct document *document, uint32_t object,
                                   const struct price_tier *other)
{
    return (struct price_tier){
        .input = read_price(document, object, "input", other->input),
        .output = read_price(document, object, "output", other->output),
        .cached_input = read_price(document, object, "cached_input", other->cached_input),
        .cache_write = read_price(document, object, "cache_write", other->cache_write),
    };
}

/* What a tier leaves out even after the base was asked costs as much as the tier's own input. */
static struct price_tier fill_tier(struct price_tier tier)
{
    if (tier.cached_input == NOT_NAMED)
        tier.cached_input = tier.input;
    if (tier.cache_write == NOT_NAMED)
        tier.cache_write = tier.input;
    return tier;
}

static struct price read_model(const struct document *document, uint32_t object)
{
    uint32_t above = document_member(document, object, TEXT("above"));
    const struct price_tier nothing = {-1, -1, NOT_NAMED, NOT_NAMED};
    struct price price = {
        .base = read_tier(document, object, &nothing),
        .max_output = read_count(document, object, "max_output"),
        .reasoning = read_flag(document, object, "reasoning"),
        .use = read_use(document, object),
    };

    if (above != CELL_NONE) {
        price.above_tokens = read_count(document, above, "input_tokens");
        price.above = fill_tier(read_tier(document, above, &price.base));
        CHECK(price.above_tokens > 0);
    }
    price.base = fill_tier(price.base);
    return price;
}

/* The place of a model, or the free one where it belongs. */
static struct entry *find_place(const struct price_table *table, struct text provider,
                                struct text model)
{
    size_t at = (size_t)(text_hash(model) ^ text_hash(provider) * 31) & table->mask;

    while (table->entries[at].model.len > 0 && !(text_equal(table->entries[at].model, model) &&
                                                 text_equal(table->entries[at].provider, provider)))
        at = (at + 1) & table->mask;
    return &table->entries[at];
}

static void add_entry(struct price_table *table, struct text provider, struct text model,
                      bool retired, const struct price *price)
{
    struct entry *place = find_place(table, provider, model);

    CHECK(place->model.len == 0); /* no model is listed twice */
    *place = (struct entry){arena_copy(&table->arena, provider), arena_copy(&table->arena, model),
                            retired, *price};
}

static void add_models(struct price_table *table, const struct document *document, uint32_t models)
{
    uint32_t end = document_next(document, models);

    for (uint32_t at = models + 1; at < end; at = document_next(document, at)) {
        struct price price = read_model(document, at);
        uint32_t status = document_member(document, at, TEXT("status"));

        add_entry(table, read_text(document, at, "provider"), read_text(document, at, "model"),
                  status != CELL_NONE &&
                      text_equal(document_text(document, status), TEXT("retired")),
                  &price);
    }
}

/* "claude-opus-4.7": "anthropic/claude-opus-4-7" */
static void add_aliases(struct price_table *table, const struct document *document,
                        uint32_t aliases)
{
    uint32_t end = document_next(document, aliases);

    for (uint32_t at = aliases + 1; at < end; at = document_next(document, at + 1)) {
        struct text model = document_text(document, at + 1), provider = text_split(&model, '/');
        const struct entry *entry = find_place(table, provider, model);

        CHECK(entry->model.len > 0);
        add_entry(table, provider, document_text(document, at), entry->retired, &entry->price);
    }
}

static uint32_t find_part(const struct document *document, struct text name, enum cell_type type)
{
    uint32_t at = document_member(document, 0, name);

    CHECK(at != CELL_NONE && document_cell(document, at)->type == type);
    return at;
}

static void read_bundled(void)
{
    struct text json = text_between(provider_prices_json, provider_prices_json_end);
    struct arena scratch = {0};
    struct document document;
    struct error err;
    uint32_t models, aliases;
    size_t places = 1;

    CHECK(json_read(json, NULL, &scratch, &document, NULL, &err));
    models = find_part(&document, TEXT("models"), CELL_ARRAY);
    aliases = find_part(&document, TEXT("aliases"), CELL_OBJECT);
    while (places < 2 * ((size_t)document_cell(&document, models)->size +
                         document_cell(&document, aliases)->size + 1))
        places *= 2;
    bundled.mask = places - 1;
    bundled.entries = ARENA_ARRAY(&bundled.arena, struct entry, places);
    add_models(&bundled, &document, models);
    add_aliases(&bundled, &document, aliases);
    arena_release(&scratch);
}

const struct price_table *price_table_bundled(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    CHECK(pthread_once(&once, read_bundled) == 0);
    return &bundled;
}

const struct price *price_find(const struct price_table *table, struct text provider,
                               struct text model)
{
    static const struct price nothing = {0};
    const struct entry *entry;

    if (text_equal(provider, TEXT("demo")))
        return &nothing;
    entry = find_place(table, provider, model);
    return entry->model.len > 0 ? &entry->price : NULL;
}

bool price_table_next(const struct price_table *table, size_t *place, struct text *out_provider,
                      struct text *out_model)
{
    while (*place <= table->mask) {
        const struct entry *entry = &table->entries[(*place)++];

        if (entry->model.len == 0 || entry->retired)
            continue;
        *out_provider = entry->provider;
        *out_model = entry->model;
        return true;
    }
    return false;
}

static int64_t clamp(int64_t tokens, int64_t most)
{
    return tokens < 0 ? 0 : tokens > most ? most : tokens;
}

/* Tokens of a call that cannot be are taken as the nearest that can. */
static void count_kinds(const struct chat_usage *usage, int64_t out[PRICE_KIND_COUNT])
{
    int64_t prompt = clamp(usage->prompt_tokens, INT64_MAX);
    int64_t completion = clamp(usage->completion_tokens, INT64_MAX);

    out[PRICE_CACHED] = clamp(usage->cached_tokens, prompt);
    out[PRICE_CACHE_WRITE] = clamp(usage->cache_write_tokens, prompt - out[PRICE_CACHED]);
    out[PRICE_INPUT] = prompt - out[PRICE_CACHED] - out[PRICE_CACHE_WRITE];
    out[PRICE_REASONING] = clamp(usage->reasoning_tokens, completion);
    out[PRICE_OUTPUT] = completion - out[PRICE_REASONING];
}

static const struct price_tier *tier_of(const struct price *price, const struct chat_usage *usage)
{
    return price->above_tokens > 0 && usage->prompt_tokens > price->above_tokens ? &price->above
                                                                                 : &price->base;
}

static int64_t price_of(const struct price_tier *tier, enum price_kind kind)
{
    switch (kind) {
    case PRICE_CACHED:
        return tier->cached_input;
    case PRICE_CACHE_WRITE:
        return tier->cache_write;
    case PRICE_OUTPUT:
    case PRICE_REASONING:
        return tier->output;
    default:
        return tier->input;
    }
}

/* Adds what `tokens` cost, in nano-USD x TOKENS_PER_PRICE; false when that is not known. Five
 * products of 63 bits each fit in 128 with room. */
static bool add_cost(unsigned __int128 *sum, int64_t tokens, int64_t price)
{
    if (tokens == 0)
        return true;
    if (price < 0)
        return false;
    *sum += (unsigned __int128)tokens * (unsigned __int128)price;
    return true;
}

/* Rounded up. */
static int64_t rounded_up(unsigned __int128 sum)
{
    sum = (sum + TOKENS_PER_PRICE - 1) / TOKENS_PER_PRICE;
    return sum > INT64_MAX ? INT64_MAX : (int64_t)sum;
}

/* What the call costs up to and including each kind. What is free is taken off the input and, of
 * what was written, first off the text. */
static bool sum_up(const struct price *price, const struct chat_usage *usage,
                   int64_t out[PRICE_KIND_COUNT])
{
    int64_t paid[PRICE_KIND_COUNT], free_output;
    unsigned __int128 sum = 0;

    if (price == NULL)
        return false;
    count_kinds(usage, paid);
    paid[PRICE_INPUT] -= clamp(usage->free_prompt_tokens, paid[PRICE_INPUT]);
    free_output = clamp(usage->free_completion_tokens, paid[PRICE_OUTPUT] + paid[PRICE_REASONING]);
    paid[PRICE_REASONING] -= clamp(free_output - paid[PRICE_OUTPUT], paid[PRICE_REASONING]);
    paid[PRICE_OUTPUT] -= clamp(free_output, paid[PRICE_OUTPUT]);
    for (enum price_kind kind = 0; kind < PRICE_KIND_COUNT; kind++) {
        if (!add_cost(&sum, paid[kind], price_of(tier_of(price, usage), kind)))
            return false;
        out[kind] = rounded_up(sum);
    }
    return true;
}

int64_t price_cost_nano(const struct price *price, const struct chat_usage *usage)
{
    int64_t sums[PRICE_KIND_COUNT];

    return sum_up(price, usage, sums) ? sums[PRICE_KIND_COUNT - 1] : -1;
}

const char *price_kind_word(enum price_kind kind)
{
    static const char *const words[PRICE_KIND_COUNT] = {
        [PRICE_INPUT] = "input",
        [PRICE_CACHED] = "cached",
        [PRICE_CACHE_WRITE] = "cache_write",
        [PRICE_OUTPUT] = "output",
        [PRICE_REASONING] = "reasoning",
    };
    return words[kind];
}

static int64_t plus(int64_t a, int64_t b)
{
    return a > INT64_MAX - b ? INT64_MAX : a + b;
}

/* The differences of sums that are rounded each, so that together they are the last one. */
bool price_split(const struct price *price, const struct chat_usage *usage,
                 int64_t tokens[PRICE_KIND_COUNT], int64_t nano[PRICE_KIND_COUNT])
{
    int64_t sums[PRICE_KIND_COUNT], counts[PRICE_KIND_COUNT], before = 0;

    if (!sum_up(price, usage, sums))
        return false;
    count_kinds(usage, counts);
    for (enum price_kind kind = 0; kind < PRICE_KIND_COUNT; kind++) {
        tokens[kind] = plus(tokens[kind], counts[kind]);
        nano[kind] = plus(nano[kind], sums[kind] - before);
        before = sums[kind];
    }
    return true;
}
