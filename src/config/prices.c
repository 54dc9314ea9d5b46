/* What models cost: `prices` of pinion.yaml over the program's own table. */
#include "config/load.h"
#include "config/value.h"
#include "provider/kind.h"

#include <math.h>

struct price_draft {
    uint32_t input, output, cached_input;
};

enum { USD_MAX = 1000000, PRICES_MAX = 1000 };

// clang-format off
static const struct key price_keys[] = {
    {.name = "input", .type = KEY_NUMBER, .required = true, FIELD(struct price_draft, input), .least = 0, .greatest = USD_MAX,
     .hint = "input: 0.4, in USD per million tokens",
     .about = "USD per million tokens of the prompt.",
     .example = "0.4"},
    {.name = "output", .type = KEY_NUMBER, .required = true, FIELD(struct price_draft, output), .least = 0, .greatest = USD_MAX,
     .hint = "output: 1.6, in USD per million tokens",
     .about = "USD per million tokens of the answer.",
     .example = "1.6"},
    {.name = "cached_input", .type = KEY_NUMBER, FIELD(struct price_draft, cached_input), .least = 0, .greatest = USD_MAX,
     .about = "USD per million tokens that the provider had in its cache.",
     .example = "0.1"},
};
// clang-format on
const struct keys price_table = KEYS_OF(price_keys);

static int64_t nano(const struct document *document, uint32_t cell)
{
    return llround(document_double(document_cell(document, cell)) * 1e9);
}

/* What is known of the model beside its price stays as it is. */
static void read_price(struct load *load, const struct document *document, uint32_t cell,
                       struct price_override *prices)
{
    struct text name = document_text(document, key_of(cell));
    size_t slash = text_find_byte(name, '/');
    struct reading reading = load_reading(load, document);
    const struct price *bundled;
    struct price_draft draft;
    struct price price = {0};
    struct diagnostic *it;

    if (slash == 0 || slash + 1 >= name.len) {
        it = diagnose(load->diagnostics, document, key_of(cell), DIAGNOSTIC_E0106,
                      "a price is listed under a provider and a model");
        diagnostic_hint(load->diagnostics, it,
                        "it is written \"openai/gpt-x\": {input: 0.4, output: 1.6}");
        return;
    }
    if (document_cell(document, cell)->type != CELL_OBJECT) {
        it = diagnose(load->diagnostics, document, cell, DIAGNOSTIC_E0103,
                      "a price must be a mapping");
        diagnostic_hint(load->diagnostics, it,
                        "it is written {input: 0.4, output: 1.6}, in USD per million tokens");
        return;
    }
    if (!keys_read(&reading, cell, key_of(cell), &price_table, &draft))
        return;
    bundled =
        price_find(price_table_bundled(), text_first(name, slash), text_after(name, slash + 1));
    if (bundled != NULL)
        price = *bundled;
    price.above_tokens = 0;
    price.base.input = price.base.cached_input = price.base.cache_write =
        nano(document, draft.input);
    price.base.output = nano(document, draft.output);
    if (draft.cached_input != CELL_NONE)
        price.base.cached_input = nano(document, draft.cached_input);
    prices[load->config->price_count++] = (struct price_override){name, price};
}

void load_prices(struct load *load, const struct document *document, uint32_t cell)
{
    uint32_t members = load_members(load, document, cell, PRICES_MAX);
    struct price_override *prices = ARENA_ARRAY(load->arena, struct price_override, members);

    load->config->prices = prices;
    for (uint32_t i = 0, at = cell + 1; i < members; i++, at = document_next(document, at + 1))
        read_price(load, document, at + 1, prices);
}

static const struct price *override_of(const struct config *config, struct text provider,
                                       struct text model)
{
    for (size_t i = 0; i < config->price_count; i++) {
        struct text rest = config->prices[i].name, first = text_split(&rest, '/');

        if (text_equal(first, provider) && text_equal(rest, model))
            return &config->prices[i].price;
    }
    return NULL;
}

const struct price *config_price(const struct config *config, const struct provider *provider,
                                 struct text model)
{
    struct text kind = text_of(provider->kind->name);
    const struct price *price = override_of(config, provider->name, model);

    if (price == NULL)
        price = override_of(config, kind, model);
    if (price != NULL)
        return price;
    if (provider->kind->habits.deployments) /* OpenAI's models at OpenAI's prices */
        kind = TEXT("openai");
    return price_find(price_table_bundled(), kind, kind_model(provider, model));
}

bool config_price_said(const struct config *config, const struct price *price)
{
    for (size_t i = 0; i < config->price_count; i++)
        if (price == &config->prices[i].price)
            return true;
    return false;
}

/* Once for each model, however many endpoints use it. */
static void warn_unpriced(struct load *load, const struct provider *provider, struct text model,
                          const struct document *document, uint32_t cell)
{
    struct unpriced *entry;
    struct text shown;
    struct diagnostic *it;

    for (const struct unpriced *seen = load->unpriced; seen != NULL; seen = seen->next)
        if (seen->provider == provider && text_equal(seen->model, model))
            return;
    entry = ARENA_NEW(load->arena, struct unpriced);
    *entry = (struct unpriced){load->unpriced, provider, model};
    load->unpriced = entry;
    shown = value_shown(load->diagnostics->arena, model);
    it = diagnose(load->diagnostics, document, cell, DIAGNOSTIC_W0501,
                  "the price of \"%.*s\" is not known, so its calls are logged without a cost",
                  TEXT_ARG(shown));
    diagnostic_hint(load->diagnostics, it,
                    "add to 'prices' in pinion.yaml: \"%.*s/%.*s\": {input: USD, output: USD}, per "
                    "million tokens",
                    TEXT_ARG(provider->name), TEXT_ARG(shown));
}

const struct price *load_price(struct load *load, const struct provider *provider,
                               struct text model, const struct document *document, uint32_t cell)
{
    const struct price *price = config_price(load->config, provider, model);

    if (price == NULL || price->base.input < 0 || price->base.output < 0)
        warn_unpriced(load, provider, model, document, cell);
    return price;
}
