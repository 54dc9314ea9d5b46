#include "limit/policy.h"

#include "unit.h"

#include <pthread.h>

enum { THREADS = 8, TRIES = 125 };

static struct policies both(const struct call_limits *endpoint, const struct call_limits *token)
{
    struct policies policies = {0};

    policies_add(&policies, endpoint, POLICY_ENDPOINT, 11);
    policies_add(&policies, token, POLICY_TOKEN, 11);
    return policies;
}

TEST(a_list_has_what_is_set_and_nothing_else)
{
    struct policies policies =
        both(&(struct call_limits){.per_minute = 5, .concurrent = 2},
             &(struct call_limits){.tokens_per_minute = 900, .per_hour = 100});

    EXPECT_EQ(policies.count, 4);
    EXPECT_STR(policy_name(&policies.items[0]), "min");
    EXPECT_STR(policy_name(&policies.items[1]), "concurrent");
    EXPECT_STR(policy_name(&policies.items[2]), "token-hour");
    EXPECT_STR(policy_name(&policies.items[3]), "token-tokens");
    EXPECT_STR(policy_row(policies.items[3].kind)->word, "tokens_per_minute");
    EXPECT_STR(policy_scope_word(policies.items[3].scope), "token");
}

TEST(counters_of_scopes_and_kinds_are_apart_for_the_same_subject)
{
    const struct call_limits limits = {1, 1, 1, 1};
    struct policies policies = both(&limits, &limits);

    for (size_t i = 0; i < policies.count; i++)
        for (size_t k = 0; k < i; k++)
            EXPECT(policies.items[i].key != policies.items[k].key);
}

TEST(a_refusal_gives_back_what_the_others_had_given)
{
    struct rate_table *table = rate_table_new(16);
    const struct call_limits wide = {.per_minute = 10, .concurrent = 10};

    for (int i = 0; i < 50; i++) {
        struct policies policies = both(&wide, &(struct call_limits){.per_hour = 3});
        const struct policy *refused = policies_enter(&policies, table, 5);

        EXPECT_EQ(refused == NULL, i < 3);
        if (refused == NULL) {
            policies_leave(&policies, table);
            continue;
        }
        EXPECT_EQ(refused->scope, POLICY_TOKEN);
        EXPECT_EQ(refused->verdict.retry_after_s, 1200);
        EXPECT_EQ(policies.items[0].verdict.remaining, 7); /* three were taken, and no more */
    }
    rate_table_free(table);
}

TEST(of_several_that_refuse_the_longest_wait_is_told)
{
    struct rate_table *table = rate_table_new(16);
    const struct call_limits both_spent = {.per_minute = 2, .per_hour = 2};
    const struct policy *refused;
    struct policies policies;

    for (int i = 0; i < 3; i++) {
        policies = both(&both_spent, &(struct call_limits){0});
        refused = policies_enter(&policies, table, 5);
    }
    EXPECT(refused != NULL && refused->kind == POLICY_HOUR);
    EXPECT_EQ(refused->verdict.retry_after_s, 1800);
    policies = both(&both_spent, &(struct call_limits){0});
    EXPECT(policies_enter(&policies, table, 5 + 1799 * 1000) != NULL);
    policies = both(&both_spent, &(struct call_limits){0});
    EXPECT(policies_enter(&policies, table, 5 + 1800 * 1000) == NULL);
    rate_table_free(table);
}

TEST(a_place_is_given_back_once_and_the_rate_is_not)
{
    struct rate_table *table = rate_table_new(16);
    const struct call_limits one_of_three = {.per_minute = 3, .concurrent = 1};
    struct policies first = both(&one_of_three, &(struct call_limits){0}), second = first;

    EXPECT(policies_enter(&first, table, 0) == NULL);
    EXPECT_EQ(policies_enter(&second, table, 0)->kind, POLICY_CONCURRENT);
    EXPECT_EQ(second.items[0].verdict.remaining, 2); /* it has taken none */
    policies_leave(&first, table);
    policies_leave(&first, table);
    EXPECT(policies_enter(&second, table, 0) == NULL);
    EXPECT_EQ(second.items[0].verdict.remaining, 1);
    policies_undo(&second, table, 0);
    EXPECT_EQ(second.items[0].verdict.remaining, 2);
    second = both(&one_of_three, &(struct call_limits){0});
    EXPECT(policies_enter(&second, table, 0) == NULL);
    EXPECT_EQ(second.items[0].verdict.remaining, 1);
    policies_leave(&second, table);
    rate_table_free(table);
}

TEST(tokens_are_taken_apart_from_calls_and_corrected)
{
    struct rate_table *table = rate_table_new(16);
    struct policies policies =
        both(&(struct call_limits){.per_minute = 9, .tokens_per_minute = 100},
             &(struct call_limits){.tokens_per_minute = 1000});
    const struct policy *refused;

    EXPECT(policies_enter(&policies, table, 0) == NULL);
    EXPECT_EQ(policies.items[1].verdict.limit, 0); /* of tokens nothing was taken yet */
    EXPECT(policies_charge(&policies, table, 80, 0) == NULL);
    policies_correct(&policies, table, 30, 0);
    policies_correct(&policies, table, 99, 0); /* once only */
    EXPECT(policies_charge(&policies, table, 70, 0) == NULL);
    refused = policies_charge(&policies, table, 1, 0);
    EXPECT(refused != NULL && refused->scope == POLICY_ENDPOINT);
    EXPECT_EQ(policies.items[2].verdict.remaining, 900);
    rate_table_free(table);
}

/* --- threads --- */

struct crowd {
    struct rate_table *table;
    pthread_barrier_t start;
    _Atomic uint32_t passed;
};

static void *enter_many(void *pointer)
{
    struct crowd *crowd = pointer;

    pthread_barrier_wait(&crowd->start);
    for (int i = 0; i < TRIES; i++) {
        struct policies policies = both(&(struct call_limits){.per_minute = 400, .concurrent = 9},
                                        &(struct call_limits){.per_hour = 137});

        if (policies_enter(&policies, crowd->table, 9) == NULL) {
            crowd->passed++;
            policies_leave(&policies, crowd->table);
        }
    }
    return NULL;
}

TEST(of_a_thousand_calls_at_once_the_tightest_policy_lets_exactly_its_quota_pass)
{
    for (int round = 0; round < 50; round++) {
        struct crowd crowd = {.table = rate_table_new(1)};
        pthread_t threads[THREADS];

        pthread_barrier_init(&crowd.start, NULL, THREADS);
        for (size_t i = 0; i < THREADS; i++)
            assert_int_equal(pthread_create(&threads[i], NULL, enter_many, &crowd), 0);
        for (size_t i = 0; i < THREADS; i++)
            pthread_join(threads[i], NULL);
        pthread_barrier_destroy(&crowd.start);
        EXPECT_EQ(crowd.passed, 137);
        rate_table_free(crowd.table);
    }
}
