#include "auth/token_json.h"

#include "auth/token_issue.h"
#include "document/json_read.h"
#include "unit.h"

static bool read(struct arena *arena, const char *json, bool fresh, struct token_record *token,
                 unsigned *fields, struct error *err)
{
    struct document *document = ARENA_NEW(arena, struct document);

    EXPECT(json_read(text_of(json), NULL, arena, document, NULL, NULL));
    return token_read_json(document, 0, fresh, arena, token, fields, err);
}

static const char everything[] =
    "{\"name\":\"desk\",\"project\":\"acme\",\"deployment\":\"eu-1\",\"test\":true,"
    "\"scopes\":[\"support-*\"],\"verbs\":[\"call\",\"usage\"],\"models\":[\"gpt-*\"],"
    "\"addresses\":[\"10.0.0.0/8\"],\"tags\":{\"tier\":\"gold\"},"
    "\"limits\":{\"per_minute\":60,\"concurrent\":null},"
    "\"budget\":{\"monthly_usd\":50,\"daily_usd\":\"0.000000001\"},"
    "\"guardrails\":{\"pii\":\"mask\", \"max_chars\": 9},"
    "\"expires_at\":\"2027-01-31\",\"on_revoke\":\"cut\"}";

TEST(an_order_is_read_and_written_back)
{
    struct token_record token = {TOKEN_DEFAULTS};
    struct arena arena = {0};
    struct buffer out = buffer_in(&arena);
    unsigned fields;

    EXPECT(read(&arena, everything, true, &token, &fields, NULL));
    EXPECT_EQ(fields, (TOKEN_SET_SECRET - 1) | TOKEN_SET_GUARDRAILS);
    EXPECT_TEXT(token.project, "acme");
    EXPECT_EQ(token.verbs, VERB_CALL | VERB_USAGE);
    EXPECT_EQ(token.limits.per_minute, 60);
    EXPECT_EQ(token.limits.concurrent, 0);
    EXPECT_EQ(token.budget.monthly_nano, 50000000000);
    EXPECT_EQ(token.budget.daily_nano, 1);
    EXPECT_EQ(token.expires_ms, 1801353600000);
    EXPECT_EQ(token.on_revoke, REVOKE_CUT);
    EXPECT_TEXT(token.guardrails, "{\"pii\":\"mask\",\"max_chars\":9}");
    EXPECT(token_check(&token, fields, 0, NULL));
    token.id = TEXT("tok_1");
    token_put_json(&out, &token, 1700000000000, TEXT("the secret"));
    EXPECT(text_find(buffer_text(&out), TEXT("\"last_used_at\":\"2023-11-14T22:13:20.000Z\"")) <
           out.len);
    EXPECT(text_find(buffer_text(&out), TEXT("\"token\":\"the secret\"")) < out.len);
    EXPECT(text_find(buffer_text(&out), TEXT("\"daily_usd\":\"0.000000001\"")) < out.len);
    EXPECT(text_find(buffer_text(&out), TEXT("\"addresses\":[\"10.0.0.0/8\"]")) < out.len);
    arena_release(&arena);
}

TEST(what_an_order_cannot_be_is_refused_with_its_place)
{
    static const struct {
        const char *json, *at;
        enum error_code code;
    } cases[] = {
        {"[]", "", ERROR_INVALID_REQUEST},
        {"{\"scope\":[]}", "/scope", ERROR_UNKNOWN_FIELD},
        {"{\"guardrails\":[]}", "/guardrails", ERROR_INVALID_REQUEST},
        {"{\"guardrails\":{\"pii\":\"hide\"}}", "/guardrails/pii", ERROR_INVALID_REQUEST},
        {"{\"guardrails\":{\"words\":{\"block\":[1]}}}", "/guardrails/words/block/0",
         ERROR_INVALID_REQUEST},
        {"{\"scopes\":\"*\"}", "/scopes", ERROR_INVALID_REQUEST},
        {"{\"scopes\":[1]}", "/scopes/0", ERROR_INVALID_REQUEST},
        {"{\"verbs\":[\"call\",\"fly\"]}", "/verbs/1", ERROR_INVALID_REQUEST},
        {"{\"verbs\":[\"secrets\"]}", "/verbs/0", ERROR_INVALID_REQUEST},
        {"{\"kind\":\"admin\",\"verbs\":[\"call\"]}", "/verbs/0", ERROR_INVALID_REQUEST},
        {"{\"kind\":\"root\"}", "/kind", ERROR_INVALID_REQUEST},
        {"{\"addresses\":[\"10.0.0.1/8\"]}", "/addresses/0", ERROR_INVALID_REQUEST},
        {"{\"tags\":{\"a\":1}}", "/tags/a", ERROR_INVALID_REQUEST},
        {"{\"tags\":[]}", "/tags", ERROR_INVALID_REQUEST},
        {"{\"tags\":{\"1\":\"\",\"2\":\"\",\"3\":\"\",\"4\":\"\",\"5\":\"\",\"6\":\"\",\"7\":\"\","
         "\"8\":\"\",\"9\":\"\"}}",
         "/tags", ERROR_INVALID_REQUEST},
        {"{\"limits\":{\"per_day\":1}}", "/limits/per_day", ERROR_UNKNOWN_FIELD},
        {"{\"limits\":{\"per_minute\":0}}", "/limits/per_minute", ERROR_INVALID_REQUEST},
        {"{\"limits\":7}", "/limits", ERROR_INVALID_REQUEST},
        {"{\"budget\":{\"daily_usd\":-1}}", "/budget/daily_usd", ERROR_INVALID_REQUEST},
        {"{\"budget\":{\"daily_usd\":\"1e3\"}}", "/budget/daily_usd", ERROR_INVALID_REQUEST},
        {"{\"budget\":{\"daily_usd\":\"0.0000000001\"}}", "/budget/daily_usd",
         ERROR_INVALID_REQUEST},
        {"{\"expires_at\":\"soon\"}", "/expires_at", ERROR_INVALID_REQUEST},
        {"{\"on_revoke\":\"maybe\"}", "/on_revoke", ERROR_INVALID_REQUEST},
        {"{\"test\":1}", "/test", ERROR_INVALID_REQUEST},
        {"{\"deployment\":\"\"}", "/deployment", ERROR_INVALID_REQUEST},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct token_record token = {TOKEN_DEFAULTS};
        struct arena arena = {0};
        struct error err = {0};
        unsigned fields;

        if (read(&arena, cases[i].json, true, &token, &fields, &err))
            fail_msg("taken: %s", cases[i].json);
        EXPECT_EQ(err.code, cases[i].code);
        EXPECT_STR(err.at, cases[i].at);
        arena_release(&arena);
    }
}

TEST(a_change_cannot_move_a_token_or_make_another_kind_of_it)
{
    static const char *const orders[] = {"{\"project\":\"x\"}", "{\"kind\":\"admin\"}",
                                         "{\"test\":true}", "{\"deployment\":\"x\"}"};

    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        struct token_record token = {TOKEN_DEFAULTS};
        struct arena arena = {0};
        struct error err = {0};
        unsigned fields;

        EXPECT(!read(&arena, orders[i], false, &token, &fields, &err));
        EXPECT(strstr(err.message, "cannot be changed") != NULL);
        arena_release(&arena);
    }
}

TEST(money_is_read_to_the_nano_dollar)
{
    int64_t nano;

    EXPECT(token_read_usd(TEXT("12.5"), &nano) && nano == 12500000000);
    EXPECT(token_read_usd(TEXT("0.1"), &nano) && nano == 100000000);
    EXPECT(token_read_usd(TEXT("0"), &nano) && nano == 0);
    EXPECT(token_read_usd(TEXT("9000000000"), &nano) && nano == 9000000000000000000);
    EXPECT(!token_read_usd(TEXT("9000000001"), &nano));
    EXPECT(!token_read_usd(TEXT("1."), &nano));
    EXPECT(!token_read_usd(TEXT(".5"), &nano));
    EXPECT(!token_read_usd(TEXT("-1"), &nano));
    EXPECT(!token_read_usd(TEXT(""), &nano));
}
