#include "gateway/plan.h"

#include "provider/kind.h"

#include "unit.h"

static const struct target standbys[] = {
    {.on = ON_RATE_LIMIT},
    {.on = ON_ERROR | ON_TIMEOUT | ON_INVALID},
    {.on = ON_CONTEXT_LENGTH},
};
static const struct target routed;

enum { NOW = 1000, DEADLINE = 61000 };

static struct plan plan_of(const struct endpoint *endpoint)
{
    return (struct plan){.endpoint = endpoint, .routed = &routed, .deadline_ms = DEADLINE};
}

static struct endpoint with_standbys(size_t count, unsigned retries)
{
    return (struct endpoint){.failover = standbys, .failover_count = count, .retry.times = retries};
}

/* clang-format off */
static const struct {
    const char *what;
    enum failure_kind kind;
    uint64_t hint_ms;
    bool unanswered, other_key;
    size_t standbys;
    unsigned retries;
    enum plan_step step;
    size_t place;
} rows[] = {
    {"a bad request helps nowhere",             FAILURE_REQUEST,    0, false, true,  3, 2, PLAN_GIVE_UP, 0},
    {"nor does one that is blocked",            FAILURE_BLOCKED,    0, false, true,  3, 2, PLAN_GIVE_UP, 0},
    {"too long: the larger model",              FAILURE_CONTEXT,    0, false, false, 3, 2, PLAN_NEXT, 3},
    {"too long, and there is none",             FAILURE_CONTEXT,    0, false, false, 2, 2, PLAN_GIVE_UP, 0},
    {"a refused key: another one",              FAILURE_CREDENTIAL, 0, false, true,  3, 2, PLAN_OTHER_KEY, 0},
    {"the last key refused: the next target",   FAILURE_CREDENTIAL, 0, false, false, 3, 2, PLAN_NEXT, 2},
    {"the last key, no target: no retry",       FAILURE_CREDENTIAL, 0, false, false, 0, 2, PLAN_GIVE_UP, 0},
    {"spent: another key",                      FAILURE_QUOTA,      0, false, true,  0, 2, PLAN_OTHER_KEY, 0},
    {"limited: another key",                    FAILURE_RATE,       900, false, true, 3, 2, PLAN_OTHER_KEY, 0},
    {"limited: who takes it",                   FAILURE_RATE,       900, false, false, 3, 2, PLAN_NEXT, 1},
    {"limited, nobody takes it: wait",          FAILURE_RATE,       900, false, false, 0, 2, PLAN_RETRY, 0},
    {"limited for too long",                    FAILURE_RATE,       90000, false, false, 0, 2, PLAN_GIVE_UP, 0},
    {"full: the next at once",                  FAILURE_OVERLOAD,   0, false, false, 3, 2, PLAN_NEXT, 2},
    {"full, alone: wait",                       FAILURE_OVERLOAD,   0, false, false, 0, 1, PLAN_RETRY, 0},
    {"it stumbled: once more",                  FAILURE_SERVER,     0, false, false, 3, 1, PLAN_RETRY, 0},
    {"it stumbled, no retries: the next",       FAILURE_SERVER,     0, false, false, 3, 0, PLAN_NEXT, 2},
    {"it stumbled, alone, no retries",          FAILURE_SERVER,     0, false, false, 0, 0, PLAN_GIVE_UP, 0},
    {"cut off at work: no second bill",         FAILURE_CUT,        0, true,  false, 0, 2, PLAN_GIVE_UP, 0},
    {"cut off at work: the next was asked for", FAILURE_CUT,        0, true,  false, 2, 2, PLAN_NEXT, 2},
    {"not reached: the next at once",           FAILURE_TRANSPORT,  0, false, false, 3, 2, PLAN_NEXT, 2},
    {"not reached, alone: again",               FAILURE_TRANSPORT,  0, false, false, 0, 2, PLAN_RETRY, 0},
    {"too slow: the next",                      FAILURE_TIMEOUT,    0, true,  false, 3, 2, PLAN_NEXT, 2},
    {"too slow, alone",                         FAILURE_TIMEOUT,    0, true,  false, 0, 2, PLAN_GIVE_UP, 0},
    {"its answer does not fit: the next",       FAILURE_OUTPUT,     0, false, false, 3, 2, PLAN_NEXT, 2},
    {"its breaker is open: the next",           FAILURE_OPEN,       0, false, false, 3, 2, PLAN_NEXT, 2},
    {"its breaker is open, alone",              FAILURE_OPEN,       0, false, false, 0, 2, PLAN_GIVE_UP, 0},
};
/* clang-format on */

TEST(each_failure_leads_where_it_should)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct endpoint endpoint = with_standbys(rows[i].standbys, rows[i].retries);
        struct plan plan = plan_of(&endpoint);
        struct plan_failure failure = {rows[i].kind, rows[i].hint_ms, rows[i].unanswered,
                                       rows[i].other_key};
        struct plan_choice choice = plan_choose(&plan, &failure, true, NOW, 7);

        if (choice.step != rows[i].step ||
            (choice.step == PLAN_NEXT && choice.place != rows[i].place))
            fail_msg("%s: step %d to %zu", rows[i].what, (int)choice.step, choice.place);
    }
}

TEST(retries_end_with_their_number_and_with_the_budget)
{
    struct endpoint endpoint = with_standbys(0, 2);
    struct plan plan = plan_of(&endpoint);
    const struct plan_failure failure = {.kind = FAILURE_SERVER};

    for (int i = 0; i < 2; i++) {
        struct plan_choice choice = plan_choose(&plan, &failure, true, NOW, 1u << 31);

        EXPECT_EQ(choice.step, PLAN_RETRY);
        EXPECT(choice.wait_ms <= 500u << i);
        EXPECT_EQ(plan_choose(&plan, &failure, false, NOW, 7).step, PLAN_GIVE_UP);
        plan_take(&plan, &choice);
    }
    EXPECT_EQ(plan_choose(&plan, &failure, true, NOW, 7).step, PLAN_GIVE_UP);
}

TEST(a_new_target_begins_with_all_retries_and_keys)
{
    struct endpoint endpoint = with_standbys(2, 1);
    struct plan plan = plan_of(&endpoint);
    const struct plan_failure failure = {.kind = FAILURE_OVERLOAD};
    struct plan_choice choice;

    plan.tries = 1;
    plan.tried_keys = 5;
    EXPECT(plan_target(&plan) == &routed);
    choice = plan_choose(&plan, &failure, true, NOW, 7);
    plan_take(&plan, &choice);
    EXPECT(plan_target(&plan) == &standbys[1]);
    EXPECT_EQ(plan.tries + plan.tried_keys, 0);
    EXPECT_EQ(plan_choose(&plan, &failure, true, NOW, 7).step, PLAN_RETRY);
}

TEST(a_breaker_that_timeouts_have_opened_is_a_case_for_who_stands_in_for_timeouts)
{
    static const struct target for_timeouts[] = {{.on = ON_RATE_LIMIT}, {.on = ON_TIMEOUT}};
    const struct endpoint endpoint = {.failover = for_timeouts, .failover_count = 2};
    struct plan plan = plan_of(&endpoint);
    const struct plan_failure failure = {.kind = FAILURE_OPEN};
    struct plan_choice choice = plan_choose(&plan, &failure, true, NOW, 7);

    EXPECT_EQ(choice.step, PLAN_NEXT);
    EXPECT_EQ(choice.place, 2);
}

TEST(of_two_that_were_asked_at_once_the_plan_goes_on_from_the_one_that_answers)
{
    struct endpoint endpoint = with_standbys(2, 1);
    struct plan plan = plan_of(&endpoint);

    plan_take(&plan, &(struct plan_choice){.step = PLAN_NEXT, .place = 2});
    plan.tries = 1;
    plan.tried_keys = 5;
    plan_stand_at(&plan, &standbys[1]);
    EXPECT_EQ(plan.tries + plan.tried_keys, 6);
    plan_stand_at(&plan, &routed);
    EXPECT(plan_target(&plan) == &routed);
    EXPECT_EQ(plan.tries + plan.tried_keys, 0);
    EXPECT_EQ(plan_next_place(&plan, ON_ANY), 1);
}

TEST(nothing_starts_close_to_the_deadline_or_without_end)
{
    struct endpoint endpoint = with_standbys(3, 5);
    struct plan plan = plan_of(&endpoint);
    const struct plan_failure failure = {.kind = FAILURE_OVERLOAD};

    EXPECT_EQ(plan_choose(&plan, &failure, true, DEADLINE - 200, 7).step, PLAN_NEXT);
    EXPECT_EQ(plan_choose(&plan, &failure, true, DEADLINE - 199, 7).step, PLAN_GIVE_UP);
    plan.calls = PLAN_CALLS_MAX;
    EXPECT_EQ(plan_choose(&plan, &failure, true, NOW, 7).step, PLAN_GIVE_UP);
}

TEST(a_target_whose_model_the_token_may_not_use_is_passed_over)
{
    static const struct provider provider = {.name = TEXT_INIT("openai")};
    static const struct target three[] = {
        {.provider = &provider, .model = TEXT_INIT("gpt-5"), .on = ON_ERROR},
        {.provider = &provider, .model = TEXT_INIT("gpt-4.1"), .on = ON_ERROR},
    };
    static const struct text models[] = {TEXT_INIT("openai:gpt-4*")};
    const struct token_record token = {.models = models, .model_count = 1}, other = {0};
    const struct endpoint endpoint = {.failover = three, .failover_count = 2};
    struct plan plan = {.endpoint = &endpoint, .routed = &routed, .token = &token};

    EXPECT_EQ(plan_next_place(&plan, ON_ERROR), 2);
    plan.at = 2;
    EXPECT_EQ(plan_next_place(&plan, ON_ERROR), SIZE_MAX);
    plan = (struct plan){.endpoint = &endpoint, .routed = &routed, .token = &other};
    EXPECT_EQ(plan_next_place(&plan, ON_ERROR), 1);
}

TEST(a_target_that_makes_no_vectors_is_passed_over_by_a_call_for_them)
{
    struct provider openai = {.name = TEXT("openai"), .kind = kind_find(TEXT("openai"))};
    struct provider cohere = {.name = TEXT("cohere"), .kind = kind_find(TEXT("cohere"))};
    const struct target three[] = {
        {.provider = &openai, .dialect = &dialect_anthropic, .on = ON_ERROR},
        {.provider = &cohere, .dialect = &dialect_cohere, .on = ON_ERROR},
        {.provider = &openai, .dialect = &dialect_openai, .on = ON_ERROR},
    };
    const struct endpoint endpoint = {.failover = three, .failover_count = 3};
    struct chat chat = {0};
    const struct plan plan = {.endpoint = &endpoint, .routed = &routed, .chat = &chat};

    openai.host = TEXT("api.openai.com");
    EXPECT_EQ(plan_next_place(&plan, ON_ERROR), 1);
    chat.embeds = true;
    EXPECT_EQ(plan_next_place(&plan, ON_ERROR), 2);
    chat.token_texts = true;
    EXPECT_EQ(plan_next_place(&plan, ON_ERROR), 3);
}
