/* Models that are called by their own names: which ones are known, and as what kind of endpoint
 * those of each provider are called. Known are the ones with a price, the program's or
 * pinion.yaml's, and those that something in the configuration names. */
#include "config/load.h"

#include "base/check.h"
#include "provider/kind.h"

#include <stdlib.h>

/* Nobody can say how long one may take; long thinking takes minutes. */
enum { FIRST_BYTE_MS = 120000, IDLE_MS = 120000, TOTAL_MS = 600000 };

/* --- which ones are known ------------------------------------------------------------------------
 */

enum { NO_INDEX = UINT32_MAX };

/* Under way: most are named more than once, so they are not in the configuration's arena yet. */
struct gathering {
    const struct config *config;
    struct known_model *items;
    size_t count, room;
};

static void add(struct gathering *it, size_t provider, struct text model, uint32_t index)
{
    if (it->count == it->room) {
        it->room = it->room > 0 ? 2 * it->room : 256;
        it->items = realloc(it->items, it->room * sizeof *it->items);
        CHECK(it->items != NULL);
    }
    it->items[it->count++] =
        (struct known_model){.model = model, .provider = (uint32_t)provider, .index = index};
}

static void add_target(struct gathering *it, const struct target *target)
{
    if (target->provider != NULL)
        add(it, (size_t)(target->provider - it->config->providers), target->model, target->index);
}

static void add_endpoints(struct gathering *it, const struct endpoint *endpoints, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        add_target(it, &endpoints[i].target);
        for (size_t j = 0; j < endpoints[i].failover_count; j++)
            add_target(it, &endpoints[i].failover[j]);
        for (size_t j = 0; j < endpoints[i].rules.count; j++)
            add_target(it, &endpoints[i].rule_targets[j]);
    }
}

/* Those of the program's table, unless the provider has names of its own for them. */
static void add_bundled(struct gathering *it, size_t place)
{
    const struct provider *provider = &it->config->providers[place];
    const struct provider_kind *kind =
        provider->stands_for != NULL ? provider->stands_for : provider->kind;
    struct text of, model;

    for (size_t i = 0; i < provider->deployment_count; i++)
        add(it, place, provider->deployments[i].name, NO_INDEX);
    for (size_t at = 0;
         !kind->habits.deployments && price_table_next(price_table_bundled(), &at, &of, &model);)
        if (text_equal(of, text_of(kind->name)))
            add(it, place, model, NO_INDEX);
}

static void add_priced(struct gathering *it, size_t place)
{
    const struct provider *provider = &it->config->providers[place];

    for (size_t i = 0; i < it->config->price_count; i++) {
        struct text model = it->config->prices[i].name, of = text_split(&model, '/');

        if (text_equal(of, provider->name) || text_equal(of, text_of(provider->kind->name)))
            add(it, place, model, NO_INDEX);
    }
}

/* Of the same one, those first whose target has a number of its own. */
static int by_model(const void *a, const void *b)
{
    const struct known_model *left = a, *right = b;
    int order = text_compare(left->model, right->model);

    if (order == 0)
        order = (left->provider > right->provider) - (left->provider < right->provider);
    return order != 0 ? order : (left->index > right->index) - (left->index < right->index);
}

/* Each once, with its name. */
static void keep(struct load *load, struct gathering *it)
{
    struct config *config = load->config;
    struct known_model *models;
    size_t count = 0;

    if (it->count > 0)
        qsort(it->items, it->count, sizeof *it->items, by_model);
    for (size_t i = 0; i < it->count; i++)
        if (count == 0 || it->items[count - 1].provider != it->items[i].provider ||
            !text_equal(it->items[count - 1].model, it->items[i].model))
            it->items[count++] = it->items[i];
    models = ARENA_ARRAY(load->arena, struct known_model, count);
    for (size_t i = 0; i < count; i++) {
        models[i] = it->items[i];
        if (models[i].index == NO_INDEX)
            models[i].index = config->direct[models[i].provider].target.index;
        models[i].name = arena_printf(load->arena, "%.*s:%.*s",
                                      TEXT_ARG(config->providers[models[i].provider].name),
                                      TEXT_ARG(models[i].model));
        models[i].model = text_after(models[i].name, models[i].name.len - models[i].model.len);
    }
    config->models = models;
    config->model_count = count;
}

/* --- as what they are called ---------------------------------------------------------------------
 */

static void make_direct(struct load *load, const struct provider *provider, struct endpoint *out)
{
    const struct endpoint_parts parts = {0};

    *out = endpoint_unsaid(load, TEXT("pinion.yaml"));
    out->kind = ENDPOINT_DIRECT;
    out->slug = arena_printf(load->arena, "%.*s:*", TEXT_ARG(provider->name));
    out->target = (struct target){.provider = provider,
                                  .dialect = provider->dialect,
                                  .model = TEXT("*"),
                                  .index = load->config->target_count++};
    out->session = (struct session_rule){0};
    out->stream = STREAM_RAW;
    out->times = (struct exchange_times){
        .first_byte_ms = FIRST_BYTE_MS, .idle_ms = IDLE_MS, .total_ms = TOTAL_MS};
    out->cache.max_ms = load->config->settings.cache_max_ms;
    load_allow_all(load, out);
    load_limits_unsaid(load, &out->limits);
    endpoint_version(load, out, &parts);
}

void load_models(struct load *load)
{
    struct config *config = load->config;
    struct endpoint *direct = ARENA_ARRAY(load->arena, struct endpoint, config->provider_count);
    struct gathering it = {.config = config};

    if (load->options->alone || load->diagnostics->error_count > 0) /* it will not be used */
        return;
    for (size_t i = 0; i < config->provider_count; i++)
        make_direct(load, &config->providers[i], &direct[i]);
    config->direct = direct;
    config->direct_count = config->provider_count;
    for (size_t i = 0; i < config->provider_count; i++) {
        add_bundled(&it, i);
        add_priced(&it, i);
    }
    add_endpoints(&it, config->endpoints, config->endpoint_count);
    add_endpoints(&it, config->aliases, config->alias_count);
    for (size_t i = 0; i < load->template_count; i++)
        if (load->templates[i].provider != NULL)
            add(&it, (size_t)(load->templates[i].provider - config->providers),
                load->templates[i].model, NO_INDEX);
    keep(load, &it);
    free(it.items);
}
