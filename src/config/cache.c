/* `cache` of an endpoint: for how long its answers are kept, and for how long a caller may ask. */
#include "config/load.h"

#include "config/value.h"

static bool report_missing(struct load *load, const struct document *document, uint32_t cell)
{
    diagnostic_hint(load->diagnostics,
                    diagnose(load->diagnostics, document, key_of(cell), DIAGNOSTIC_E0101,
                             "'cache' does not say for how long: the required key 'ttl' is "
                             "missing"),
                    "write cache: {ttl: 1h}; or cache: {max_ttl: 1h}, where answers are kept only "
                    "for callers who ask with X-Cache-TTL");
    return false;
}

/* What every call gets cannot be more than what a caller may ask for. */
static bool report_less(struct load *load, const struct document *document, uint32_t cell,
                        const struct cache_rule *rule)
{
    struct arena *arena = load->diagnostics->arena;
    struct text ttl = duration_text(arena, rule->ttl_ms);
    struct diagnostic *it = diagnose(load->diagnostics, document, cell, DIAGNOSTIC_E0104,
                                     "'max_ttl' is %.*s, but 'ttl' is %.*s",
                                     TEXT_ARG(duration_text(arena, rule->max_ms)), TEXT_ARG(ttl));

    diagnostic_hint(load->diagnostics, it,
                    "write max_ttl: %.*s or more, or a shorter ttl; without max_ttl callers may "
                    "ask for ttl",
                    TEXT_ARG(ttl));
    return false;
}

bool load_cache(struct load *load, const struct document *document, uint32_t root,
                struct endpoint *endpoint)
{
    uint32_t cell = document_member(document, root, TEXT("cache")), ttl, max_ttl;
    struct cache_rule *rule = &endpoint->cache;

    if (cell == CELL_NONE) {
        rule->max_ms = load->config->settings.cache_max_ms;
        return true;
    }
    if (document_cell(document, cell)->type != CELL_OBJECT)
        return true; /* the reader of keys has said so */
    rule->said = true;
    ttl = document_member(document, cell, TEXT("ttl"));
    max_ttl = document_member(document, cell, TEXT("max_ttl"));
    if (ttl == CELL_NONE && max_ttl == CELL_NONE)
        return report_missing(load, document, cell);
    if (max_ttl == CELL_NONE)
        rule->max_ms = rule->ttl_ms;
    return rule->max_ms >= rule->ttl_ms || report_less(load, document, max_ttl, rule);
}
