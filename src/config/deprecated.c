/* `deprecated` of an endpoint: since when it is better not called, from when on it cannot be, and
 * what takes its place. */
#include "config/load.h"

#include "base/clock.h"
#include "config/value.h"

struct deprecated_draft {
    struct text since, sunset;
    struct deprecation rule;
};

#define DATE_HINT "2027-01-31, or 2027-01-31T12:00:00Z"

// clang-format off
static const struct key deprecated_keys[] = {
    {.name = "since", .type = KEY_TEXT, .required = true, FIELD(struct deprecated_draft, since), .hint = "since: 2026-11-01, the day from which callers should use something else",
     .about = "From when on callers should use something else; told to them as Deprecation.",
     .example = "2026-11-01"},
    {.name = "sunset", .type = KEY_TEXT, FIELD(struct deprecated_draft, sunset), .hint = "sunset: 2027-01-31, the day from which calls are answered with 410",
     .about = "From when on calls are answered with 410 endpoint_sunset; until then told to callers as Sunset.",
     .example = "2027-01-31"},
    {.name = "successor", .type = KEY_TEXT, FIELD(struct deprecated_draft, rule.successor), .hint = "successor: summarize-2, the slug of another endpoint",
     .about = "The endpoint that takes its place; told to callers who may call that.",
     .example = "summarize-2", .pattern = "^[a-z0-9][a-z0-9-]{0,62}$"},
    {.name = "link", .type = KEY_TEXT, FIELD(struct deprecated_draft, rule.link), .hint = "link: https://docs.example.com/moving, where people read more",
     .about = "Where people read more about it.",
     .example = "https://docs.example.com/moving", .pattern = "^https?://[!-~]+$"},
};
// clang-format on
const struct keys deprecated_table = KEYS_OF(deprecated_keys);

static bool refuse(struct load *load, const struct document *document, uint32_t cell,
                   enum diagnostic_code code, const char *what, const char *hint)
{
    diagnostic_hint(load->diagnostics,
                    diagnose(load->diagnostics, document, cell, code, "%s", what), "%s", hint);
    return false;
}

static bool read_date(struct load *load, const struct document *document, uint32_t mapping,
                      const char *name, struct text written, int64_t *out_ms)
{
    struct arena *arena = load->diagnostics->arena;

    if (written.len == 0 || clock_parse_rfc3339(written, out_ms))
        return true;
    return refuse(load, document, document_member(document, mapping, text_of(name)),
                  DIAGNOSTIC_E0106, arena_printf(arena, "'%s' must be a date or a time", name).at,
                  arena_printf(arena, "write %s: " DATE_HINT, name).at);
}

/* It stands in a header, between angle brackets. */
static bool is_link(struct text link)
{
    size_t scheme = text_starts(link, TEXT("https://"))  ? strlen("https://")
                    : text_starts(link, TEXT("http://")) ? strlen("http://")
                                                         : link.len;

    for (size_t i = 0; i < link.len; i++)
        if (link.at[i] <= ' ' || link.at[i] >= 0x7F || strchr("<>\"\\", link.at[i]) != NULL)
            return false;
    return link.len > scheme;
}

static bool check(struct load *load, const struct document *document, uint32_t cell,
                  const struct deprecated_draft *draft, struct text slug)
{
    const struct deprecation *rule = &draft->rule;

    if (draft->sunset.len > 0 && rule->sunset_ms < rule->since_ms)
        return refuse(load, document, document_member(document, cell, TEXT("sunset")),
                      DIAGNOSTIC_E0104, "'sunset' is before 'since'",
                      "an endpoint is deprecated for a while before it goes");
    if (rule->link.len > 0 && !is_link(rule->link))
        return refuse(
            load, document, document_member(document, cell, TEXT("link")), DIAGNOSTIC_E0106,
            "'link' must be the URL of a page",
            "write link: https://docs.example.com/moving; what is not ASCII, and <, > and "
            "\", are percent-encoded");
    if (slug.len > 0 && text_equal(rule->successor, slug))
        return refuse(load, document, document_member(document, cell, TEXT("successor")),
                      DIAGNOSTIC_E0112, "an endpoint cannot take its own place",
                      "name another endpoint, or remove 'successor'");
    return true;
}

/* Whether there is such an endpoint is known once all are there. */
static void note_successor(struct load *load, const struct document *document, uint32_t cell,
                           struct text slug)
{
    struct successor_use *use;

    if (slug.len == 0)
        return;
    use = ARENA_NEW(load->arena, struct successor_use);
    *use = (struct successor_use){
        .next = load->successors,
        .document = document,
        .at = document_member(document, cell, TEXT("successor")),
        .slug = slug,
    };
    load->successors = use;
}

bool load_deprecated(struct load *load, const struct document *document, uint32_t cell,
                     struct text slug, struct deprecation *out)
{
    struct deprecated_draft draft = {0};
    struct reading reading = load_reading(load, document);

    if (cell == CELL_NONE)
        return true;
    if (!keys_read(&reading, cell, key_of(cell), &deprecated_table, &draft))
        return false;
    draft.rule.said = true;
    draft.rule.sunset_ms = INT64_MAX;
    if (!read_date(load, document, cell, "since", draft.since, &draft.rule.since_ms) ||
        !read_date(load, document, cell, "sunset", draft.sunset, &draft.rule.sunset_ms) ||
        !check(load, document, cell, &draft, slug))
        return false;
    note_successor(load, document, cell, draft.rule.successor);
    *out = draft.rule;
    return true;
}

void load_successors(struct load *load)
{
    const struct config *config = load->config;
    struct arena *arena = load->diagnostics->arena;

    if (load->options->alone) /* only one endpoint is wanted */
        return;
    for (const struct successor_use *use = load->successors; use != NULL; use = use->next) {
        struct text *names, near;
        struct diagnostic *it;

        if (config_endpoint(config, use->slug) != NULL)
            continue;
        names = ARENA_ARRAY(arena, struct text, config->endpoint_count);
        it = diagnose(load->diagnostics, use->document, use->at, DIAGNOSTIC_E0112,
                      "there is no endpoint \"%.*s\"", TEXT_ARG(value_shown(arena, use->slug)));
        for (size_t i = 0; i < config->endpoint_count; i++)
            names[i] = config->endpoints[i].slug;
        near = nearest_name(use->slug, names, config->endpoint_count);
        if (near.len > 0)
            diagnostic_hint(load->diagnostics, it, "did you mean \"%.*s\"?", TEXT_ARG(near));
        else
            diagnostic_hint(load->diagnostics, it,
                            "name the endpoint that takes its place, or remove 'successor'");
    }
}
