/* Whatever a call has taken it gives back or has settled, wherever it ends: its place, its tokens,
 * its turn, its money. */
#include "budget/budgets.h"
#include "gateway/cut.h"
#include "gateway/pipeline_test.h"
#include "gateway/reserve.h"
#include "session/turns.h"

static const struct memory_file files[] = {
    {"pinion.yaml", TEXT_INIT("workers: 1\nprices: {demo/m: {input: 1, output: 1}}\n")},
    {"endpoints/talk.yaml",
     TEXT_INIT("provider: demo\nmodel: m\nsystem: s\nsession: {ttl: 30m}\nstream: raw\n"
               "limits: {concurrent: 1, tokens_per_minute: 60000}\n")},
};

enum { USED_MOST = 700 };

static void leaves(struct request *request)
{
    bool held = request->at == STAGE_RESERVE;

    request_free(request);
    if (held)
        let_writer_go();
}

static void is_cut(struct request *request)
{
    bool held = request->at == STAGE_RESERVE;

    token_cut(&on.gateway, on.token_id);
    loop_turn(on.worker.loop, 1000);
    if (held)
        let_writer_go();
    finish(request);
    request_free(request);
}

static int64_t money_held(void)
{
    const struct settings *settings = &on.worker.lease->config->settings;
    const struct budget_claim claim = {
        .account = TEXT(RESERVE_ORGANISATION), .kind = PERIOD_DAY, .limit = STORE_BUDGET_UNLIMITED};
    struct budget_view view;

    budgets_view(on.gateway.budgets, &claim, settings->zone, settings->timezone, clock_wall_ms(),
                 &view);
    return view.held;
}

/* What is left of the limits that a request has met. All calls of a test use fewer tokens than are
 * taken for one until it is over, and those do not come back by themselves in less than a second.
 */
static void expect_given_back(const struct policies *policies)
{
    for (size_t i = 0; i < policies->count; i++) {
        const struct policy *policy = &policies->items[i];

        if (policy->kind == POLICY_CONCURRENT) {
            EXPECT(rate_enter(on.gateway.rates, policy->key, policy->quota));
            rate_leave(on.gateway.rates, policy->key);
        } else {
            struct rate_verdict now = rate_look(on.gateway.rates, policy->key, policy->quota, 60000,
                                                1, loop_now_ms(on.worker.loop));

            EXPECT(now.remaining + USED_MOST >= policy->quota);
        }
    }
}

static void end_at(enum stage_id stage, const char *body, void (*how)(struct request *request))
{
    char key[24];
    struct request *request;
    struct policies policies;

    snprintf(key, sizeof key, "at-%d", (int)stage);
    on.key = key;
    if (stage == STAGE_RESERVE) /* else the lease may be there before it is waited for */
        hold_writer();
    request = ask("/talk", body);
    turn_until(request, stage);
    policies = request->policies;
    EXPECT_EQ(policies.count, 2);
    how(request);
    while (on.worker.commands > 0)
        loop_turn(on.worker.loop, 10);
    on.key = NULL;
    EXPECT_EQ(turns_count(on.gateway.turns), 0);
    EXPECT_EQ(money_held(), 0);
    expect_given_back(&policies);
}

static void end_everywhere(void (*how)(struct request *request))
{
    static const enum stage_id waits[] = {STAGE_IDEMPOTENCY, STAGE_RECALL,   STAGE_CLAIM,
                                          STAGE_CALL,        STAGE_REMEMBER, STAGE_KEEP};
    struct request *request;
    struct text body;

    open_with(files, 2, 0);
    end_at(STAGE_RESERVE, "{\"message\": \"hi\"}", how);
    request = ask("/talk", "{\"message\": \"hi\"}");
    finish(request);
    EXPECT_EQ(request->status, 200);
    body = arena_printf(&on.arena, "{\"message\": \"hi\", \"session_id\": \"%.*s\"}",
                        TEXT_ARG(request->session_id));
    request_free(request);
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++)
        end_at(waits[i], body.at, how);
    close_all(2 + sizeof waits / sizeof *waits);
}

TEST(whoever_leaves_has_nothing_taken)
{
    end_everywhere(leaves);
}

TEST(whoever_is_cut_has_nothing_taken)
{
    end_everywhere(is_cut);
}
