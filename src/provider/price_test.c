#include "provider/price.h"

#include "unit.h"

static const struct price *find(const char *provider, const char *model)
{
    return price_find(price_table_bundled(), text_of(provider), text_of(model));
}

static int64_t cost(const char *provider, const char *model, struct chat_usage usage)
{
    return price_cost_nano(find(provider, model), &usage);
}

TEST(a_model_has_the_prices_that_are_listed)
{
    const struct price *price = find("openai", "gpt-4.1-mini");

    EXPECT(price != NULL);
    EXPECT_EQ(price->base.input, 400000000);
    EXPECT_EQ(price->base.output, 1600000000);
    EXPECT_EQ(price->base.cached_input, 100000000);
    EXPECT_EQ(price->base.cache_write, price->base.input);
    EXPECT_EQ(price->max_output, 32768);
    EXPECT_EQ(price->above_tokens, 0);
    EXPECT(!price->reasoning);
    EXPECT(find("openai", "gpt-5")->reasoning);
}

TEST(a_model_that_is_not_listed_has_no_price)
{
    EXPECT(find("openai", "gpt-4.1-min") == NULL);
    EXPECT(find("anthropic", "gpt-4.1-mini") == NULL);
    EXPECT(find("openai", "") == NULL);
    EXPECT(find("", "") == NULL);
    EXPECT_EQ(cost("openai", "no-such-model", (struct chat_usage){.prompt_tokens = 1}), -1);
}

TEST(an_alias_costs_what_it_stands_for)
{
    const struct price *meant = find("anthropic", "claude-opus-4-7");
    const struct price *alias = find("anthropic", "claude-opus-4.7");

    EXPECT(meant != NULL && alias != NULL);
    EXPECT_EQ(memcmp(meant, alias, sizeof *meant), 0);
    EXPECT(find("openai", "claude-opus-4.7") == NULL);
}

TEST(a_model_name_may_hold_slashes)
{
    EXPECT_EQ(find("together", "openai/gpt-oss-120b")->base.input, 150000000);
}

/* Cohere counts its own words around the prompt, and charges for ours: 14 x 2.50 + 8 x 10.00. */
TEST(what_is_not_charged_for_costs_nothing)
{
    EXPECT_EQ(cost("cohere", "command-a-03-2025",
                   (struct chat_usage){.prompt_tokens = 82,
                                       .completion_tokens = 10,
                                       .free_prompt_tokens = 68,
                                       .free_completion_tokens = 2}),
              115000);
    EXPECT_EQ(cost("cohere", "command-a-03-2025",
                   (struct chat_usage){.prompt_tokens = 5,
                                       .cached_tokens = 5,
                                       .free_prompt_tokens = 9,
                                       .free_completion_tokens = 9}),
              12500);
}

/* 1,000 x 0.40 + 500 x 1.60 USD per million = 0.0004 + 0.0008 USD. */
TEST(input_and_output_are_priced_apart)
{
    EXPECT_EQ(cost("openai", "gpt-4.1-mini",
                   (struct chat_usage){.prompt_tokens = 1000, .completion_tokens = 500}),
              1200000);
}

/* (1,000 - 600) x 0.40 + 600 x 0.10 = 160 + 60 millionths. */
TEST(cached_tokens_are_part_of_the_prompt_and_cheaper)
{
    EXPECT_EQ(cost("openai", "gpt-4.1-mini",
                   (struct chat_usage){.prompt_tokens = 1000, .cached_tokens = 600}),
              220000);
}

/* Reasoning is part of the completion and not paid twice: 10 x 1.25 + 90 x 10 millionths. */
TEST(reasoning_tokens_are_paid_once)
{
    EXPECT_EQ(cost("openai", "gpt-5",
                   (struct chat_usage){
                       .prompt_tokens = 10, .completion_tokens = 90, .reasoning_tokens = 80}),
              912500);
}

/* claude-sonnet-4-5: 3 / 15, cached 0.30, written 3.75; above 200,000: 6 / 22.5, 0.60, 7.50.
 * Base: 100,000 x 3 + 60,000 x 0.3 + 40,000 x 3.75 + 1,000 x 15 = 483,000 millionths.
 * One token more is another input token, and the whole call is dear: 100,001 x 6 + 60,000 x 0.6 +
 * 40,000 x 7.5 + 1,000 x 22.5 = 958,506 millionths. */
TEST(the_whole_call_is_dearer_once_the_prompt_exceeds_the_tier)
{
    struct chat_usage usage = {.prompt_tokens = 200000,
                               .cached_tokens = 60000,
                               .cache_write_tokens = 40000,
                               .completion_tokens = 1000};

    EXPECT_EQ(cost("anthropic", "claude-sonnet-4-5", usage), 483000000);
    usage.prompt_tokens++;
    EXPECT_EQ(cost("anthropic", "claude-sonnet-4-5", usage), 958506000);
}

/* gpt-6-astra lists no cached price above 272,000: it stays 1.0, and 0 of 272,001 are not cached.
 */
TEST(a_tier_above_keeps_the_base_price_it_does_not_name)
{
    EXPECT_EQ(cost("openai", "gpt-6-astra",
                   (struct chat_usage){.prompt_tokens = 272001, .cached_tokens = 272001}),
              272001000);
}

/* gemini-2.5-pro lists no price of writing to the cache: it is that of input, 1.25 below and 2.5
 * above 200,000. */
TEST(writing_to_the_cache_costs_the_input_price_of_the_same_tier)
{
    const struct price *price = find("gemini", "gemini-2.5-pro");

    EXPECT_EQ(price->base.cache_write, 1250000000);
    EXPECT_EQ(price->above.cache_write, 2500000000);
}

/* 1 cached token of gpt-5-nano is 0.005 millionths of a dollar: 5 nano-USD. Of a price of 1
 * nano-USD per million, anything from one token on is one nano-USD. */
TEST(a_fraction_of_a_nano_is_rounded_up_once)
{
    const struct price tiny = {.base = {1, 1, 1, 1}};

    EXPECT_EQ(
        cost("openai", "gpt-5-nano", (struct chat_usage){.prompt_tokens = 1, .cached_tokens = 1}),
        5);
    EXPECT_EQ(price_cost_nano(&tiny, &(struct chat_usage){.prompt_tokens = 1}), 1);
    EXPECT_EQ(price_cost_nano(&tiny, &(struct chat_usage){.prompt_tokens = 400000,
                                                          .cached_tokens = 200000,
                                                          .completion_tokens = 600000}),
              1);
    EXPECT_EQ(price_cost_nano(&tiny, &(struct chat_usage){.prompt_tokens = 1000001}), 2);
}

TEST(the_kinds_of_a_cost_add_up_to_it)
{
    const struct price tiny = {.base = {3, 7, 1, 5}};
    int64_t most_tokens[PRICE_KIND_COUNT] = {0}, most_nano[PRICE_KIND_COUNT] = {0};
    const struct chat_usage most = {INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX,
                                    INT64_MAX, 0,         0,         true};

    for (int64_t i = 0; i < 2000; i++) {
        const struct chat_usage usage = {.prompt_tokens = i * 7919 % 1000003,
                                         .cached_tokens = i * 101 % 5003,
                                         .cache_write_tokens = i * 31 % 997,
                                         .completion_tokens = i * 6007 % 800011,
                                         .reasoning_tokens = i * 13 % 4001,
                                         .free_prompt_tokens = i % 5 == 0 ? i : 0,
                                         .free_completion_tokens = i % 7 == 0 ? i * 401 : 0};
        int64_t tokens[PRICE_KIND_COUNT] = {0}, nano[PRICE_KIND_COUNT] = {0}, sum = 0;

        EXPECT(price_split(&tiny, &usage, tokens, nano));
        for (enum price_kind kind = 0; kind < PRICE_KIND_COUNT; kind++) {
            EXPECT(nano[kind] >= 0);
            sum += nano[kind];
        }
        EXPECT_EQ(sum, price_cost_nano(&tiny, &usage));
        EXPECT_EQ(tokens[PRICE_OUTPUT] + tokens[PRICE_REASONING], usage.completion_tokens);
    }
    for (int i = 0; i < 3; i++)
        EXPECT(price_split(&tiny, &most, most_tokens, most_nano));
    EXPECT(most_tokens[PRICE_CACHED] == INT64_MAX);
    EXPECT(!price_split(NULL, &most, most_tokens, most_nano));
}

TEST(absurd_usage_neither_overflows_nor_turns_negative)
{
    const struct price *price = find("openai", "o1");
    const struct chat_usage most = {INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX,
                                    INT64_MAX, 0,         0,         true};
    const struct chat_usage least = {INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN,
                                     INT64_MIN, INT64_MIN, INT64_MIN, true};
    const struct chat_usage odd = {.prompt_tokens = 10, .cached_tokens = 99};

    EXPECT(price_cost_nano(price, &most) == INT64_MAX);
    EXPECT_EQ(price_cost_nano(price, &least), 0);
    EXPECT_EQ(price_cost_nano(price, &odd), 75000); /* ten cached ones at 7.50 */
}

TEST(a_price_that_is_not_known_makes_the_cost_unknown)
{
    const char *model = "deepseek-r1-distill-qwen-32b"; /* listed with null */

    EXPECT(find("groq", model) != NULL);
    EXPECT_EQ(cost("groq", model, (struct chat_usage){.prompt_tokens = 1}), -1);
    EXPECT_EQ(cost("groq", model, (struct chat_usage){.completion_tokens = 1}), -1);
}

TEST(an_embedding_needs_no_price_for_output_it_does_not_have)
{
    const struct price input_only = {.base = {2000, -1, 2000, 2000}};

    EXPECT_EQ(price_cost_nano(&input_only, &(struct chat_usage){.prompt_tokens = 1000}), 2);
    EXPECT_EQ(price_cost_nano(&input_only, &(struct chat_usage){.completion_tokens = 1}), -1);
}

TEST(the_demo_costs_nothing_and_that_is_known)
{
    EXPECT_EQ(cost("demo", "extractive",
                   (struct chat_usage){.prompt_tokens = 5000, .completion_tokens = 900}),
              0);
}
