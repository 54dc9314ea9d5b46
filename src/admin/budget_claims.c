#include "admin/budget_claims.h"

#include "auth/token_table.h"
#include "base/clock.h"
#include "document/json_write.h"
#include "gateway/reserve.h"

#include <stdio.h>

struct walk {
    const struct config *config;
    struct text of, name;
    void (*each)(void *to, const struct budget_claim *claim);
    void *to;
};

static void tell(const struct walk *walk, struct text of, struct text name,
                 const struct budget_rule *rule, uint32_t markup, bool always)
{
    char account[STORE_BUDGET_KEY_BYTES + 1];
    struct text account_name;

    if ((walk->of.len > 0 && !text_equal(walk->of, of)) ||
        (walk->name.len > 0 && !text_equal(walk->name, name)))
        return;
    snprintf(account, sizeof account, "%.*s%s%.*s", TEXT_ARG(of), name.len > 0 ? "/" : "",
             TEXT_ARG(name));
    account_name = text_of(account);
    for (int kind = 0; kind < PERIOD_KIND_COUNT; kind++)
        if (rule->limited[kind] || always)
            walk->each(walk->to,
                       &(struct budget_claim){.account = account_name,
                                              .kind = (enum period_kind)kind,
                                              .limit = rule->limited[kind] ? rule->limits[kind]
                                                                           : STORE_BUDGET_UNLIMITED,
                                              .markup = markup});
}

/* Its tokens are charged as a project is. */
static uint32_t markup_of(const struct config *config, struct text project)
{
    const struct project *it = config_project(config, project);

    return it != NULL ? it->markup_bp : 0;
}

static void tell_tokens(const struct walk *walk, struct token_table *tokens)
{
    struct text after = {0};
    struct token_view view;

    for (; token_table_next(tokens, after, &view); after = view.record->id) {
        struct budget_rule rule = reserve_token_rule(&view.record->budget);

        if (rule.limited[PERIOD_DAY] || rule.limited[PERIOD_MONTH])
            tell(walk, TEXT("token"), view.record->id, &rule,
                 markup_of(walk->config, view.record->project), false);
    }
}

void budget_claims_each(const struct config *config, struct token_table *tokens, struct text of,
                        struct text name, void (*each)(void *to, const struct budget_claim *claim),
                        void *to)
{
    const struct walk walk = {config, of, name, each, to};

    tell(&walk, TEXT(RESERVE_ORGANISATION), TEXT(""), &config->budget, 0, true);
    for (size_t i = 0; i < config->endpoint_count; i++)
        tell(&walk, TEXT("endpoint"), config->endpoints[i].slug, &config->endpoints[i].budget, 0,
             false);
    for (size_t i = 0; i < config->alias_count; i++)
        tell(&walk, TEXT("endpoint"), config->aliases[i].slug, &config->aliases[i].budget, 0,
             false);
    for (size_t i = 0; i < config->endpoint_count; i++)
        if (config->endpoints[i].shadow != NULL)
            tell(&walk, TEXT("shadow"), config->endpoints[i].slug,
                 &config->endpoints[i].shadow->endpoint->budget, 0, false);
    for (size_t i = 0; i < config->project_count; i++)
        tell(&walk, TEXT("project"), config->projects[i].name, &config->projects[i].budget,
             config->projects[i].markup_bp, false);
    tell_tokens(&walk, tokens);
}

struct text budget_claim_id(struct arena *arena, const struct budget_claim *claim)
{
    return arena_printf(arena, "%.*s/%s", TEXT_ARG(claim->account), period_word(claim->kind));
}

int64_t budget_claim_spent(const struct budget_view *view, const struct budget_record *record)
{
    return view->known ? view->spent : record->settled + record->recovered;
}

static void put_limit(struct buffer *out, int64_t limit, int64_t committed)
{
    if (limit == STORE_BUDGET_UNLIMITED) {
        buffer_put(out, TEXT(",\"limit_usd\":null,\"remaining_usd\":null,\"percent\":null"));
        return;
    }
    json_put_usd(out, "limit_usd", limit);
    json_put_usd(out, "remaining_usd", limit > committed ? limit - committed : 0);
    json_put_name(out, "percent");
    buffer_printf(out, "%.1f", limit > 0 ? (double)committed * 100 / (double)limit : 100.0);
}

void budget_claim_put(struct buffer *out, struct arena *arena, const struct budget_claim *claim,
                      const struct budget_view *view, const struct budget_record *record)
{
    struct text name = claim->account, of = text_split(&name, '/');
    int64_t spent = budget_claim_spent(view, record);
    char when[CLOCK_RFC3339_BYTES];

    json_put_text(out, "id", budget_claim_id(arena, claim));
    json_put_text(out, "of", of);
    json_put_text(out, "name", name);
    json_put_text(out, "period", text_of(period_word(claim->kind)));
    json_put_usd(out, "spent_usd", spent);
    json_put_usd(out, "recovered_usd", record->recovered);
    json_put_usd(out, "reserved_usd", view->held);
    put_limit(out, claim->limit, spent + view->held);
    json_put_name(out, "markup_percent");
    buffer_printf(out, "%.2f", claim->markup / 100.0);
    json_put_text(out, "resets_at", clock_rfc3339(view->until_ms, when));
}
