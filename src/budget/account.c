/* Accounts: found by their name and period, made when they are first named, and forgotten when they
 * have rested (renewal.c). */
#include "budget/account.h"

#include "base/check.h"
#include "base/clock.h"

#include <stdlib.h>

enum { LOOK_AGAIN_MS = 1000 };

/* Periods go on, never back: when the clock was set back, or a zone to the west is configured, the
 * one that was named last stays in force until time has caught up. Gives whether this time's is as
 * late as that; *out is the one of them that counts. */
static bool look(const struct budgets *budgets, enum period_kind kind, const struct zone *zone,
                 int64_t wall_ms, struct period *out)
{
    const struct period *known = &budgets->periods[kind];
    struct period now;

    period_at(zone, kind, wall_ms, &now);
    *out = now;
    if (strcmp(now.name, known->name) >= 0)
        return true;
    *out = *known;
    if (known->until_ms <= wall_ms) /* named by a process before this one, or in another zone */
        out->until_ms = now.until_ms;
    return false;
}

static const struct period *period_of(struct budgets *budgets, enum period_kind kind,
                                      const struct zone *zone, int64_t wall_ms)
{
    struct period seen;

    if (wall_ms < budgets->look_again_ms[kind])
        return &budgets->periods[kind];
    budgets->look_again_ms[kind] =
        look(budgets, kind, zone, wall_ms, &seen) ? seen.until_ms : wall_ms + LOOK_AGAIN_MS;
    budgets->periods[kind] = seen;
    return &budgets->periods[kind];
}

/* For who only looks, maybe at a time to come: nothing goes on because of it. */
static struct period period_seen(const struct budgets *budgets, enum period_kind kind,
                                 const struct zone *zone, int64_t wall_ms)
{
    struct period seen = budgets->periods[kind];

    if (wall_ms >= budgets->look_again_ms[kind])
        look(budgets, kind, zone, wall_ms, &seen);
    return seen;
}

static void keep_zone(struct budgets *budgets, struct text zone_name)
{
    if (text_equal(zone_name, text_of(budgets->zone_name)))
        return;
    CHECK(zone_name.len < sizeof budgets->zone_name);
    memcpy(budgets->zone_name, zone_name.at, zone_name.len);
    budgets->zone_name[zone_name.len] = '\0';
    for (int kind = 0; kind < PERIOD_KIND_COUNT; kind++)
        budgets->look_again_ms[kind] = 0;
}

/* The account's key in a period; gives its hash. */
static uint64_t make_key(struct text name, const struct period *period,
                         char key[STORE_BUDGET_KEY_BYTES + 1])
{
    size_t period_len = strlen(period->name);

    CHECK(name.len + 1 + period_len <= STORE_BUDGET_KEY_BYTES);
    memcpy(key, name.at, name.len);
    key[name.len] = '/';
    memcpy(key + name.len + 1, period->name, period_len + 1);
    return text_hash((struct text){key, name.len + 1 + period_len});
}

static struct budget_account *find(struct budgets *budgets, const char *key, uint64_t hash)
{
    struct budget_account *account = budgets->chains[hash % BUDGET_CHAINS];

    while (account != NULL && (account->hash != hash || strcmp(account->key, key) != 0))
        account = account->next;
    return account;
}

static struct budget_account *take_up(struct budgets *budgets, struct text name,
                                      const struct period *period)
{
    char key[STORE_BUDGET_KEY_BYTES + 1];
    uint64_t hash = make_key(name, period, key);
    struct budget_account *account = find(budgets, key, hash);

    if (account != NULL)
        return account;
    account = calloc(1, sizeof *account);
    CHECK(account != NULL);
    memcpy(account->key, key, strlen(key) + 1);
    account->hash = hash;
    account->next = budgets->chains[hash % BUDGET_CHAINS];
    budgets->chains[hash % BUDGET_CHAINS] = account;
    budgets->stats.accounts++;
    return account;
}

void budgets_open(struct budgets *budgets, struct budget_hold *hold,
                  const struct budget_claim *claims, size_t count, const struct zone *zone,
                  struct text zone_name, int64_t wall_ms)
{
    uint64_t now_ms = clock_monotonic_ms();

    CHECK(hold->count == 0 && count <= BUDGET_CLAIMS_MAX);
    pthread_mutex_lock(&budgets->lock);
    keep_zone(budgets, zone_name);
    for (size_t i = 0; i < count; i++) {
        const struct period *period = period_of(budgets, claims[i].kind, zone, wall_ms);
        struct budget_account *account = take_up(budgets, claims[i].account, period);

        account->until_ms = period->until_ms;
        account->used_ms = now_ms;
        account->holders++;
        hold->parts[i] = (struct budget_part){.account = account, .claim = claims[i]};
        hold->parts[i].claim.account = (struct text){0};
    }
    hold->count = count;
    hold->cost = 0;
    pthread_mutex_unlock(&budgets->lock);
}

void budgets_view(struct budgets *budgets, const struct budget_claim *claim,
                  const struct zone *zone, struct text zone_name, int64_t wall_ms,
                  struct budget_view *out)
{
    const struct budget_account *account;
    struct period period;
    uint64_t hash;

    *out = (struct budget_view){0};
    pthread_mutex_lock(&budgets->lock);
    keep_zone(budgets, zone_name);
    period = period_seen(budgets, claim->kind, zone, wall_ms);
    hash = make_key(claim->account, &period, out->key);
    out->until_ms = period.until_ms;
    account = find(budgets, out->key, hash);
    if (account != NULL && account->known) {
        out->known = true;
        out->spent = account_used(account);
        out->held = account->held;
    }
    pthread_mutex_unlock(&budgets->lock);
}
