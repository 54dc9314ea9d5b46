#include "trial/trial.h"

#include "config/load.h"
#include "gateway/request_state.h"
#include "gateway/shadows.h"
#include "memory_folder.h"
#include "unit.h"

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

static const struct memory_file files[] = {
    {"pinion.yaml", TEXT_INIT("workers: 1\n")},
    {"endpoints/sum.yaml",
     TEXT_INIT(
         "provider: demo\nmodel: m\nsystem: s {{a}}\ntemplate: '{{a}} + {{b}}'\n"
         "input_schema: {type: object, properties: {a: {type: integer}, b: {type: integer}}, "
         "required: [a, b], additionalProperties: false}\n"
         "limits: {per_minute: 1}\n"
         "routing:\n  - {name: nights, when: {time_of_day: '22:00-06:00'}, use: {model: n}}\n")},
    {"endpoints/copied.yaml",
     TEXT_INIT("provider: demo\nmodel: m\nsystem: s\nparams: {max_tokens: 9}\n"
               "shadow: {model: n, percent: 100, daily_usd: 1}\n")},
    {"endpoints/talk.yaml",
     TEXT_INIT("provider: demo\nmodel: m\nsystem: s\nsession: {ttl: 30m}\nstream: raw\n")},
};

static struct {
    struct arena arena;
    struct config *config;
    struct trial *trial;
    struct trial_reply reply;
} on;

static void open_at(int64_t at_ms, const struct token_record *caller)
{
    struct memory_folder folder = memory_folder(files, sizeof files / sizeof *files, NULL);
    struct diagnostics diagnostics = {.arena = &on.arena};
    struct error err = {0};

    if (on.config == NULL)
        on.config =
            config_load_from(&folder.folder, TEXT("."), &(struct config_options){0}, &diagnostics);
    if (on.config == NULL)
        fail_msg("refused: %.*s", TEXT_ARG(diagnostics.items[0].message));
    on.trial =
        trial_open(on.config, &(struct trial_options){.at_ms = at_ms, .caller = caller}, &err);
    if (on.trial == NULL)
        fail_msg("%s", err.message);
}

static const struct request *ask(const char *slug, const char *body, enum stage_id until)
{
    const struct trial_call call = {.slug = text_of(slug), .body = text_of(body), .until = until};

    return trial_call(on.trial, &call, &on.reply);
}

static void end(void)
{
    trial_close(on.trial);
    config_free(on.config);
    arena_release(&on.arena);
    memset(&on, 0, sizeof on);
}

static bool reply_has(const char *words)
{
    return text_find(on.reply.body, text_of(words)) < on.reply.body.len;
}

static size_t names_in(const char *where)
{
    DIR *folder = opendir(where);
    size_t count = 0;

    for (const struct dirent *it; (it = readdir(folder)) != NULL;)
        count++;
    closedir(folder);
    return count;
}

TEST(a_call_is_answered_as_a_caller_is_and_leaves_no_file)
{
    char where[] = "/tmp/pinion-test-XXXXXX";

    EXPECT(mkdtemp(where) != NULL);
    setenv("TMPDIR", where, 1);
    open_at(0, NULL);
    EXPECT_EQ(names_in(where), 2); /* "." and ".." */
    unsetenv("TMPDIR");
    EXPECT(ask("sum", "{\"a\": 1, \"b\": 2}", STAGE_COUNT)->finished);
    EXPECT_EQ(on.reply.status, 200);
    EXPECT(reply_has("\"ok\":true") && !on.reply.streamed);
    trial_end(on.trial);
    ask("sum", "{\"a\": 1, \"b\": 2}", STAGE_COUNT); /* limits hold, as they do for callers */
    EXPECT_EQ(on.reply.status, 429);
    trial_end(on.trial);
    end();
    EXPECT_EQ(names_in(where), 2);
    EXPECT_EQ(rmdir(where), 0);
}

TEST(each_trial_begins_anew_over_the_same_configuration)
{
    for (int i = 0; i < 2; i++) {
        open_at(0, NULL);
        ask("sum", "{\"a\": 1, \"b\": 2}", STAGE_COUNT);
        EXPECT_EQ(on.reply.status, 200);
        trial_end(on.trial);
        trial_close(on.trial);
        on.trial = NULL;
    }
    end();
}

TEST(a_call_rests_behind_the_stage_that_was_wanted_and_nothing_is_sent)
{
    const struct request *request;

    open_at(0, NULL);
    request = ask("sum", "{\"a\": 1, \"b\": 2}", STAGE_RENDER);
    EXPECT_EQ(on.reply.status, 0);
    EXPECT(request->rests && !request->finished && request->calls == 0);
    EXPECT_EQ(request->chat.message_count, 2);
    EXPECT(text_equal(request->chat.messages[1].text, TEXT("1 + 2")));
    trial_end(on.trial);
    end();
}

TEST(a_session_that_was_only_looked_at_is_let_go)
{
    open_at(0, NULL);
    for (int i = 0; i < 2; i++) {
        EXPECT(ask("talk", "{\"message\": \"hi\"}", STAGE_ROUTE)->rests);
        trial_end(on.trial);
    }
    ask("talk", "{\"message\": \"hi\", \"stream\": true}", STAGE_COUNT);
    EXPECT_EQ(on.reply.status, 200);
    EXPECT(on.reply.streamed && !on.reply.broken && reply_has("data: [DONE]"));
    trial_end(on.trial);
    end();
}

TEST(what_fails_before_the_stage_is_answered_as_a_caller_would_be)
{
    open_at(0, NULL);
    EXPECT(ask("sum", "{\"a\": 1}", STAGE_RENDER)->finished);
    EXPECT_EQ(on.reply.status, 422);
    EXPECT(reply_has("\"input_schema_violation\"") && reply_has("\"instance_path\""));
    trial_end(on.trial);
    ask("sun", "{}", STAGE_RENDER);
    EXPECT_EQ(on.reply.status, 404);
    EXPECT(reply_has("did you mean 'sum'?"));
    trial_end(on.trial);
    end();
}

TEST(the_time_of_a_call_is_the_one_that_was_set)
{
    static const struct {
        int64_t at_ms;
        const char *rule;
    } times[] = {{1795798800000, "default"}, /* 2026-11-27T17:00:00Z */
                 {1795816800000, "nights"},  /* 22:00 */
                 {1795845599999, "nights"},
                 {1795845600000, "default"}}; /* 06:00 */

    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        open_at(times[i].at_ms, NULL);
        EXPECT(text_equal(ask("sum", "{\"a\": 1, \"b\": 2}", STAGE_ROUTE)->rule_name,
                          text_of(times[i].rule)));
        trial_end(on.trial);
        trial_close(on.trial);
        on.trial = NULL;
    }
    end();
}

TEST(a_named_caller_has_its_own_scopes_and_may_come_from_anywhere)
{
    static const struct text scopes[] = {TEXT_INIT("talk")};
    static const struct token_address nowhere = {.prefix = 128};
    const struct token_record caller = {TOKEN_DEFAULTS,        .name = TEXT("alice"),
                                        .scopes = scopes,      .scope_count = 1,
                                        .addresses = &nowhere, .address_count = 1};

    open_at(0, &caller);
    ask("sum", "{\"a\": 1, \"b\": 2}", STAGE_ROUTE);
    EXPECT_EQ(on.reply.status, 403);
    trial_end(on.trial);
    EXPECT(
        text_equal(ask("talk", "{\"message\": \"hi\"}", STAGE_ROUTE)->token->name, TEXT("alice")));
    trial_end(on.trial);
    end();
}

TEST(no_copies_are_made_of_what_is_tried)
{
    const struct request *request;
    struct tally tally;
    uint32_t running;

    open_at(0, NULL);
    request = ask("copied", "{\"message\": \"Hi.\"}", STAGE_COUNT);
    EXPECT_EQ(on.reply.status, 200);
    EXPECT_EQ(request->lease->shared->shadows.count, 1);
    shadow_look(request->lease->shared->shadows.items[0], &tally, &running);
    EXPECT_EQ(running, 0);
    for (int i = 0; i < TALLY_RESULT_COUNT; i++)
        EXPECT_EQ(tally.results[i], 0);
    trial_end(on.trial);
    end();
}
