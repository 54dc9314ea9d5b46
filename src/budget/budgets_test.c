/* Over a store in a folder of its own: leases are what makes this hard. */
#include "budget/budgets.h"

#include "base/clock.h"
#include "store/store_fixture.h"
#include "together.h"
#include "unit.h"

static int64_t at(const char *time)
{
    int64_t wall_ms;

    EXPECT(clock_parse_rfc3339(text_of(time), &wall_ms));
    return wall_ms;
}

struct bank {
    struct fixture fixture;
    struct budgets *budgets;
    struct loop *loop;
    int64_t wall_ms;
};

static void bank_open(struct bank *bank)
{
    fixture_open(&bank->fixture);
    bank->budgets = budgets_new(bank->fixture.store);
    bank->loop = loop_open();
    bank->wall_ms = at("2026-11-26T12:00:00Z");
}

static void bank_close(struct bank *bank)
{
    budgets_close(bank->budgets);
    loop_close(bank->loop);
    fixture_close(&bank->fixture);
}

/* What the store says of an account. */
static struct budget_record record_of(struct bank *bank, const char *key)
{
    struct store_command *command = store_command_new(STORE_BUDGET_LIST);
    struct budget_record record = {0};

    command->prefix = text_of(key);
    store_wait(bank->fixture.store, command);
    EXPECT_EQ(command->budget_count, 1);
    if (command->budget_count == 1)
        record = command->budgets[0];
    store_command_free(command);
    return record;
}

static struct budget_claim claim_of(const char *account, int64_t limit)
{
    return (struct budget_claim){.account = text_of(account), .kind = PERIOD_MONTH, .limit = limit};
}

static void ready(struct budget_waiter *waiter)
{
    *(bool *)waiter->context = true;
}

/* Holds, waiting for the store where that is needed. */
static enum budget_answer hold_in(struct budgets *budgets, struct loop *loop,
                                  struct budget_hold *hold, int64_t cost,
                                  struct budget_refusal *out)
{
    bool answered = false;
    struct budget_waiter waiter = {.loop = loop, .ready = ready, .context = &answered};
    enum budget_answer answer = budgets_hold(budgets, hold, cost, &waiter, out);

    if (answer != BUDGET_WAITS)
        return answer;
    while (!answered)
        loop_turn(loop, 1000);
    *out = waiter.refusal;
    return waiter.refused ? BUDGET_REFUSED : BUDGET_HELD;
}

static enum budget_answer hold(struct bank *bank, struct budget_hold *hold,
                               struct budget_claim claim, int64_t cost)
{
    struct budget_refusal refusal;

    if (hold->count == 0)
        budgets_open(bank->budgets, hold, &claim, 1, NULL, TEXT(""), bank->wall_ms);
    return hold_in(bank->budgets, bank->loop, hold, cost, &refusal);
}

static size_t settle(struct bank *bank, struct budget_hold *hold, int64_t cost)
{
    struct budget_crossing crossings[BUDGET_CLAIMS_MAX];

    return budgets_settle(bank->budgets, hold, cost, crossings);
}

TEST(calls_are_held_up_to_the_limit_and_not_one_more)
{
    struct budget_hold holds[11] = {0};
    struct bank bank;

    bank_open(&bank);
    for (int i = 0; i < 10; i++)
        EXPECT_EQ(hold(&bank, &holds[i], claim_of("endpoint/a", 109), 10), BUDGET_HELD);
    EXPECT_EQ(hold(&bank, &holds[10], claim_of("endpoint/a", 109), 10), BUDGET_REFUSED);
    settle(&bank, &holds[0], 3); /* seven are free again, and with the nine that were left 16 */
    EXPECT_EQ(hold(&bank, &holds[10], claim_of("endpoint/a", 109), 17), BUDGET_REFUSED);
    EXPECT_EQ(hold(&bank, &holds[10], claim_of("endpoint/a", 109), 16), BUDGET_HELD);
    for (int i = 0; i < 11; i++)
        settle(&bank, &holds[i], 0);
    bank_close(&bank);
}

TEST(a_refusal_says_which_account_how_much_and_until_when)
{
    struct budget_claim claims[] = {
        claim_of("organisation", STORE_BUDGET_UNLIMITED),
        {.account = TEXT("token/tok_1"), .kind = PERIOD_DAY, .limit = 50}};
    struct budget_hold hold = {0}, other = {0};
    struct budget_refusal refusal;
    struct bank bank;

    bank_open(&bank);
    budgets_open(bank.budgets, &other, claims, 2, NULL, TEXT(""), bank.wall_ms);
    EXPECT_EQ(hold_in(bank.budgets, bank.loop, &other, 30, &refusal), BUDGET_HELD);
    budgets_open(bank.budgets, &hold, claims, 2, NULL, TEXT(""), bank.wall_ms);
    EXPECT_EQ(hold_in(bank.budgets, bank.loop, &hold, 21, &refusal), BUDGET_REFUSED);
    EXPECT_EQ(refusal.error.code, ERROR_DAILY_BUDGET_EXCEEDED);
    EXPECT_STR(refusal.key, "token/tok_1/2026-11-26");
    EXPECT_EQ(refusal.limit, 50);
    EXPECT_EQ(refusal.held, 30);
    EXPECT_EQ(refusal.needed, 21);
    EXPECT_EQ(refusal.until_ms, at("2026-11-27T00:00:00Z"));
    settle(&bank, &other, 30);
    EXPECT_EQ(hold_in(bank.budgets, bank.loop, &hold, 21, &refusal), BUDGET_REFUSED);
    EXPECT_EQ(refusal.spent, 30);
    settle(&bank, &hold, 0);
    bank_close(&bank);
}

TEST(what_is_refused_on_one_account_is_held_on_none)
{
    struct budget_claim both[] = {claim_of("project/p", 100), claim_of("token/t", 10)};
    struct budget_hold hold_both = {0}, alone = {0};
    struct budget_refusal refusal;
    struct bank bank;

    bank_open(&bank);
    budgets_open(bank.budgets, &hold_both, both, 2, NULL, TEXT(""), bank.wall_ms);
    EXPECT_EQ(hold_in(bank.budgets, bank.loop, &hold_both, 11, &refusal), BUDGET_REFUSED);
    EXPECT_EQ(hold(&bank, &alone, claim_of("project/p", 100), 100), BUDGET_HELD);
    settle(&bank, &alone, 0);
    settle(&bank, &hold_both, 0);
    bank_close(&bank);
}

TEST(a_hold_can_grow_and_is_refused_without_losing_what_it_has)
{
    struct budget_hold one = {0}, two = {0};
    struct bank bank;

    bank_open(&bank);
    EXPECT_EQ(hold(&bank, &one, claim_of("endpoint/a", 100), 40), BUDGET_HELD);
    EXPECT_EQ(hold(&bank, &one, claim_of("endpoint/a", 100), 90), BUDGET_HELD);
    EXPECT_EQ(hold(&bank, &one, claim_of("endpoint/a", 100), 101), BUDGET_REFUSED);
    EXPECT_EQ(hold(&bank, &two, claim_of("endpoint/a", 100), 11), BUDGET_REFUSED);
    EXPECT_EQ(hold(&bank, &two, claim_of("endpoint/a", 100), 10), BUDGET_HELD);
    settle(&bank, &one, 0);
    settle(&bank, &two, 0);
    bank_close(&bank);
}

TEST(what_is_leased_is_durable_before_it_is_held_and_given_back_at_the_end)
{
    struct budget_hold one = {0};
    struct budget_record record;
    struct bank bank;

    bank_open(&bank);
    EXPECT_EQ(hold(&bank, &one, claim_of("endpoint/a", 1000), 10), BUDGET_HELD);
    record = record_of(&bank, "endpoint/a/");
    EXPECT(record.open >= 10);
    EXPECT(record.open <= 10 + 1000 / BUDGET_LEASE_PART);
    settle(&bank, &one, 7);
    budgets_close(bank.budgets);
    record = record_of(&bank, "endpoint/a/"); /* the ledger has not said that 7 were spent */
    EXPECT_EQ(record.open, 7);
    bank.budgets = NULL;
    bank_close(&bank);
}

TEST(a_limit_that_is_raised_counts_with_the_next_call)
{
    struct budget_hold one = {0}, two = {0};
    struct bank bank;

    bank_open(&bank);
    EXPECT_EQ(hold(&bank, &one, claim_of("endpoint/a", 10), 10), BUDGET_HELD);
    EXPECT_EQ(hold(&bank, &two, claim_of("endpoint/a", 10), 1), BUDGET_REFUSED);
    settle(&bank, &two, 0);
    EXPECT_EQ(hold(&bank, &two, claim_of("endpoint/a", 20), 10), BUDGET_HELD);
    settle(&bank, &two, 0);
    settle(&bank, &one, 0);
    bank_close(&bank);
}

TEST(a_limit_that_is_lowered_counts_at_once_whatever_is_leased)
{
    struct budget_hold one = {0}, two = {0};
    struct bank bank;

    bank_open(&bank);
    EXPECT_EQ(hold(&bank, &one, claim_of("endpoint/a", 100000), 10), BUDGET_HELD);
    EXPECT_EQ(hold(&bank, &two, claim_of("endpoint/a", 0), 1), BUDGET_REFUSED);
    settle(&bank, &two, 0);
    EXPECT_EQ(hold(&bank, &two, claim_of("endpoint/a", 12), 3), BUDGET_REFUSED);
    EXPECT_EQ(hold(&bank, &two, claim_of("endpoint/a", 12), 2), BUDGET_HELD);
    settle(&bank, &two, 0);
    settle(&bank, &one, 0);
    bank_close(&bank);
}

/* As the ledger does. */
static void write_down(struct bank *bank, const char *key, int64_t nano)
{
    struct store_command *command = store_command_new(STORE_LEDGER_APPEND);
    struct budget_settlement settlement = {.key = text_of(key), .nano = nano};
    struct ledger_entries entries = {.settlements = &settlement, .settlement_count = 1};

    command->ledger = &entries;
    store_wait(bank->fixture.store, command);
    EXPECT_EQ(command->error.code, ERROR_NONE);
    store_command_free(command);
}

TEST(what_calls_cost_more_than_was_held_is_counted_once)
{
    struct budget_hold one = {0}, two = {0};
    struct bank bank;

    bank_open(&bank);
    EXPECT_EQ(hold(&bank, &one, claim_of("endpoint/a", 100), 10), BUDGET_HELD);
    settle(&bank, &one, 40);
    write_down(&bank, "endpoint/a/2026-11", 40);
    EXPECT_EQ(hold(&bank, &two, claim_of("endpoint/a", 100), 61), BUDGET_REFUSED);
    settle(&bank, &two, 0);
    EXPECT_EQ(hold(&bank, &two, claim_of("endpoint/a", 100), 60), BUDGET_HELD);
    settle(&bank, &two, 0);
    bank_close(&bank);
}

TEST(an_overdrawn_account_at_rest_is_forgotten_and_nothing_of_what_it_spent)
{
    struct budget_hold one = {0};
    struct bank bank;

    bank_open(&bank);
    EXPECT_EQ(hold(&bank, &one, claim_of("endpoint/a", 100), 10), BUDGET_HELD);
    settle(&bank, &one, 40);
    write_down(&bank, "endpoint/a/2026-11", 40);
    budgets_sweep(bank.budgets, clock_monotonic_ms() + 3600000);
    EXPECT_EQ(budgets_stats(bank.budgets).accounts, 0);
    EXPECT_EQ(hold(&bank, &one, claim_of("endpoint/a", 100), 61), BUDGET_REFUSED);
    EXPECT_EQ(hold(&bank, &one, claim_of("endpoint/a", 100), 60), BUDGET_HELD);
    settle(&bank, &one, 0);
    bank_close(&bank);
}

TEST(a_call_that_cost_more_than_was_held_is_counted_in_full)
{
    struct budget_hold one = {0}, two = {0};
    struct bank bank;

    bank_open(&bank);
    EXPECT_EQ(hold(&bank, &one, claim_of("endpoint/a", 100), 10), BUDGET_HELD);
    settle(&bank, &one, 95);
    EXPECT_EQ(hold(&bank, &two, claim_of("endpoint/a", 100), 6), BUDGET_REFUSED);
    settle(&bank, &two, 0);
    EXPECT_EQ(hold(&bank, &two, claim_of("endpoint/a", 100), 5), BUDGET_HELD);
    settle(&bank, &two, 0);
    bank_close(&bank);
}

TEST(a_markup_is_charged_to_the_account_that_has_it_rounded_up)
{
    struct budget_claim claim = claim_of("project/p", 125);
    struct budget_hold one = {0};
    struct bank bank;

    EXPECT_EQ(budget_charge(100, 2500), 125);
    EXPECT_EQ(budget_charge(1, 1), 2);
    EXPECT_EQ(budget_charge(0, 2500), 0);
    EXPECT_EQ(budget_charge(-1, 2500), 0);
    EXPECT_EQ(budget_charge(INT64_MAX, 1), BUDGET_CALL_MAX);
    EXPECT_EQ(budget_charge(INT64_MAX, 0), BUDGET_CALL_MAX);
    bank_open(&bank);
    claim.markup = 2500;
    EXPECT_EQ(hold(&bank, &one, claim, 101), BUDGET_REFUSED);
    EXPECT_EQ(hold(&bank, &one, claim, 100), BUDGET_HELD);
    settle(&bank, &one, 100);
    bank_close(&bank);
}

TEST(no_amount_makes_a_sum_turn_over)
{
    struct bank bank;

    bank_open(&bank);
    for (int i = 0; i < 1000; i++) {
        struct budget_hold one = {0};

        EXPECT_EQ(hold(&bank, &one, claim_of("endpoint/a", STORE_BUDGET_UNLIMITED), INT64_MAX),
                  BUDGET_HELD);
        settle(&bank, &one, INT64_MAX);
    }
    bank_close(&bank);
}

TEST(a_warning_is_due_once_when_it_is_crossed)
{
    static const uint8_t warn_at[BUDGET_WARNINGS_MAX] = {50, 80};
    struct budget_claim claim = claim_of("endpoint/a", 100);
    struct budget_crossing crossings[BUDGET_CLAIMS_MAX];
    struct budget_hold one = {0};
    struct bank bank;

    bank_open(&bank);
    claim.warn_at = warn_at;
    EXPECT_EQ(hold(&bank, &one, claim, 49), BUDGET_HELD);
    EXPECT_EQ(settle(&bank, &one, 49), 0);
    EXPECT_EQ(hold(&bank, &one, claim, 1), BUDGET_HELD);
    EXPECT_EQ(budgets_settle(bank.budgets, &one, 1, crossings), 1);
    EXPECT_EQ(crossings[0].percent, 50);
    EXPECT_EQ(crossings[0].spent, 50);
    EXPECT_STR(crossings[0].key, "endpoint/a/2026-11");
    EXPECT_EQ(hold(&bank, &one, claim, 1), BUDGET_HELD);
    EXPECT_EQ(settle(&bank, &one, 1), 0);
    EXPECT_EQ(hold(&bank, &one, claim, 40), BUDGET_HELD);
    EXPECT_EQ(budgets_settle(bank.budgets, &one, 40, crossings), 1);
    EXPECT_EQ(crossings[0].percent, 80);
    bank_close(&bank);
}

TEST(a_new_month_begins_anew_and_no_clock_brings_an_old_one_back)
{
    struct budget_hold one = {0};
    struct bank bank;

    bank_open(&bank);
    EXPECT_EQ(hold(&bank, &one, claim_of("endpoint/a", 100), 100), BUDGET_HELD);
    settle(&bank, &one, 100);
    bank.wall_ms = at("2026-12-01T00:00:00Z");
    EXPECT_EQ(hold(&bank, &one, claim_of("endpoint/a", 100), 60), BUDGET_HELD);
    settle(&bank, &one, 60);
    bank.wall_ms = at("2026-11-26T12:00:00Z"); /* set back: December goes on */
    EXPECT_EQ(hold(&bank, &one, claim_of("endpoint/a", 100), 41), BUDGET_REFUSED);
    settle(&bank, &one, 0);
    EXPECT_EQ(hold(&bank, &one, claim_of("endpoint/a", 100), 40), BUDGET_HELD);
    EXPECT_TEXT(budget_part_key(&one.parts[0]), "endpoint/a/2026-12");
    settle(&bank, &one, 0);
    bank_close(&bank);
}

TEST(not_even_while_nothing_runs)
{
    struct budget_hold one = {0};
    struct store_command *found;
    struct bank bank;

    bank_open(&bank);
    bank.wall_ms = at("2026-12-01T00:00:00Z");
    EXPECT_EQ(hold(&bank, &one, claim_of("organisation", STORE_BUDGET_UNLIMITED), 10), BUDGET_HELD);
    settle(&bank, &one, 0);
    budgets_close(bank.budgets);
    bank.budgets = budgets_new(bank.fixture.store);
    found = budgets_recover(bank.budgets, TEXT("organisation"), bank.wall_ms);
    EXPECT_EQ(found->error.code, ERROR_NONE);
    store_command_free(found);
    bank.wall_ms = at("2026-11-26T12:00:00Z");
    EXPECT_EQ(hold(&bank, &one, claim_of("endpoint/a", 100), 10), BUDGET_HELD);
    EXPECT_TEXT(budget_part_key(&one.parts[0]), "endpoint/a/2026-12");
    settle(&bank, &one, 0);
    bank_close(&bank);
}

TEST(a_period_ends_when_it_ends_also_in_a_process_that_took_it_over)
{
    struct budget_claim claim = claim_of("organisation", STORE_BUDGET_UNLIMITED);
    struct budget_hold one = {0};
    struct budget_view view;
    struct bank bank;

    bank_open(&bank);
    EXPECT_EQ(hold(&bank, &one, claim, 10), BUDGET_HELD);
    settle(&bank, &one, 0);
    budgets_close(bank.budgets);
    bank.budgets = budgets_new(bank.fixture.store);
    store_command_free(budgets_recover(bank.budgets, TEXT("organisation"), bank.wall_ms));
    budgets_view(bank.budgets, &claim, NULL, TEXT(""), bank.wall_ms, &view);
    EXPECT_EQ(view.until_ms, at("2026-12-01T00:00:00Z"));
    bank.wall_ms = at("2026-11-25T12:00:00Z"); /* the clock is set back a little */
    budgets_view(bank.budgets, &claim, NULL, TEXT(""), bank.wall_ms, &view);
    EXPECT_EQ(view.until_ms, at("2026-12-01T00:00:00Z"));
    bank_close(&bank);
}

TEST(looking_at_a_time_to_come_ends_no_period)
{
    struct budget_claim claim = claim_of("endpoint/a", 100);
    struct budget_hold one = {0}, two = {0};
    struct budget_view view;
    struct bank bank;

    bank_open(&bank);
    EXPECT_EQ(hold(&bank, &one, claim, 60), BUDGET_HELD);
    settle(&bank, &one, 60);
    budgets_view(bank.budgets, &claim, NULL, TEXT(""), at("2099-05-01T00:00:00Z"), &view);
    EXPECT_STR(view.key, "endpoint/a/2099-05");
    EXPECT(!view.known);
    budgets_view(bank.budgets, &claim, NULL, TEXT(""), bank.wall_ms, &view);
    EXPECT_STR(view.key, "endpoint/a/2026-11");
    EXPECT_EQ(view.spent, 60);
    EXPECT_EQ(hold(&bank, &two, claim, 60), BUDGET_REFUSED);
    bank_close(&bank);
}

TEST(what_costs_nothing_never_waits_for_the_store)
{
    struct budget_claim claim = claim_of("endpoint/a", 100);
    struct budget_hold one = {0};
    struct budget_refusal refusal;
    struct bank bank;

    bank_open(&bank);
    budgets_open(bank.budgets, &one, &claim, 1, NULL, TEXT(""), bank.wall_ms);
    EXPECT_EQ(budgets_hold(bank.budgets, &one, 0, NULL, &refusal), BUDGET_HELD);
    settle(&bank, &one, 0);
    EXPECT_EQ(budgets_stats(bank.budgets).renewals, 0);
    bank_close(&bank);
}

TEST(who_leaves_while_waiting_is_not_called_and_holds_nothing)
{
    struct budget_claim claim = claim_of("endpoint/a", 100);
    struct budget_hold one = {0}, two = {0};
    struct budget_refusal refusal;
    bool answered = false;
    struct bank bank;
    struct budget_waiter waiter;

    bank_open(&bank);
    waiter = (struct budget_waiter){.loop = bank.loop, .ready = ready, .context = &answered};
    budgets_open(bank.budgets, &one, &claim, 1, NULL, TEXT(""), bank.wall_ms);
    EXPECT_EQ(budgets_hold(bank.budgets, &one, 60, &waiter, &refusal), BUDGET_WAITS);
    if (!budgets_leave(bank.budgets, &waiter)) /* the store was faster: it is told all the same */
        while (!answered)
            loop_turn(bank.loop, 1000);
    settle(&bank, &one, 0);
    EXPECT_EQ(hold(&bank, &two, claim_of("endpoint/a", 100), 100), BUDGET_HELD);
    settle(&bank, &two, 0);
    bank_close(&bank);
}

TEST(however_fast_it_is_spent_a_lease_is_a_thousand_calls_at_most)
{
    struct budget_claim claim = claim_of("organisation", STORE_BUDGET_UNLIMITED);
    struct bank bank;

    bank_open(&bank);
    for (int i = 0; i < 20000; i++) {
        struct budget_hold one = {0};

        EXPECT_EQ(hold(&bank, &one, claim, 10), BUDGET_HELD);
        settle(&bank, &one, 10);
    }
    /* what was spent, one lease, and the half of one that was left when it was asked for */
    EXPECT(record_of(&bank, "organisation/2026-11").open <= 20000 * 10 + 1024 * 10 * 3 / 2 + 10);
    bank_close(&bank);
}

TEST(accounts_at_rest_are_forgotten_and_their_leases_given_back)
{
    struct budget_hold one = {0};
    struct bank bank;

    bank_open(&bank);
    EXPECT_EQ(hold(&bank, &one, claim_of("endpoint/a", 1000), 10), BUDGET_HELD);
    budgets_sweep(bank.budgets, clock_monotonic_ms() + 3600000);
    EXPECT_EQ(budgets_stats(bank.budgets).accounts, 1); /* it is in use */
    settle(&bank, &one, 0);
    budgets_sweep(bank.budgets, clock_monotonic_ms());
    EXPECT_EQ(budgets_stats(bank.budgets).accounts, 1); /* it has not rested */
    budgets_sweep(bank.budgets, clock_monotonic_ms() + 3600000);
    EXPECT_EQ(budgets_stats(bank.budgets).accounts, 0);
    budgets_close(bank.budgets);
    bank.budgets = NULL;
    EXPECT_EQ(record_of(&bank, "endpoint/a/").open, 0);
    bank_close(&bank);
}

/* --- threads
 * ---------------------------------------------------------------------------------------- */

enum { THREADS = 4, TRIES = 250, FITTING = 613 };

struct rush {
    pthread_barrier_t start;
    struct budgets *budgets;
    int64_t wall_ms;
    _Atomic unsigned held, refused;
};

static void *rush_in(void *shared)
{
    struct rush *rush = shared;
    struct budget_hold *holds = calloc(TRIES, sizeof *holds);
    struct loop *loop = loop_open();

    pthread_barrier_wait(&rush->start);
    for (int i = 0; i < TRIES; i++) {
        struct budget_claim claims[] = {claim_of("organisation", STORE_BUDGET_UNLIMITED),
                                        claim_of("endpoint/a", FITTING * 1000 + 999)};
        struct budget_refusal refusal;

        budgets_open(rush->budgets, &holds[i], claims, 2, NULL, TEXT(""), rush->wall_ms);
        if (hold_in(rush->budgets, loop, &holds[i], 1000, &refusal) == BUDGET_HELD)
            atomic_fetch_add(&rush->held, 1);
        else
            atomic_fetch_add(&rush->refused, 1);
    }
    for (int i = 0; i < TRIES; i++) {
        struct budget_crossing crossings[BUDGET_CLAIMS_MAX];

        budgets_settle(rush->budgets, &holds[i], 1000, crossings);
    }
    loop_close(loop);
    free(holds);
    return NULL;
}

TEST(of_a_thousand_calls_from_four_threads_exactly_those_that_fit_are_held)
{
    struct rush rush = {0};
    struct bank bank;

    bank_open(&bank);
    rush.budgets = bank.budgets;
    rush.wall_ms = bank.wall_ms;
    run_together(THREADS, &rush.start, rush_in, &rush);
    EXPECT_EQ(rush.held, FITTING);
    EXPECT_EQ(rush.refused, THREADS * TRIES - FITTING);
    bank_close(&bank);
}
