/* The whole pipeline over an in-memory client, the built-in provider and a real store: a client may
 * leave at every place where a request waits, and each request has exactly one line. */
#include "gateway/pipeline.h"

#include "auth/token_issue.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "config/load.h"
#include "gateway/request_state.h"
#include "memory_folder.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const struct memory_file files[] = {
    {"endpoints/chat.yaml",
     TEXT_INIT("provider: demo\nmodel: m\nsystem: s\nstream: raw\nlimits: {concurrent: 1}\n")},
    {"endpoints/talk.yaml",
     TEXT_INIT("provider: demo\nmodel: m\nsystem: s\nsession: {ttl: 30m}\nstream: raw\n")},
    {"endpoints/asked.yaml",
     TEXT_INIT("provider: demo\nmodel: m\nsystem: s\ninput_schema: {type: object, properties: "
               "{list: {type: array, items: {minLength: 1, maxLength: 3}}}}\n")},
    {"endpoints/told.yaml",
     TEXT_INIT("provider: demo\nmodel: m\nsystem: s\noutput_schema: {type: array, minItems: 200, "
               "items: {type: string, minLength: 1, maxLength: 3}}\n")},
};
enum { FILES = sizeof files / sizeof *files, CHECK_STEPS = 100 };

/* --- the carrier, in memory ----------------------------------------------------------------------
 */

struct memory_client {
    struct http_client client; /* first */
    int status;
    int replies, begins, ends;
    bool broken;
    size_t backlog; /* what `write` says is waiting */
    struct buffer body, session;
};

static void keep_head(struct memory_client *memory, const struct http_reply *reply)
{
    memory->status = reply->status;
    for (size_t i = 0; i < reply->header_count; i++)
        if (text_equal(reply->headers[i].name, TEXT("pinion-session-id")))
            buffer_put(&memory->session, reply->headers[i].value);
}

static void on_reply(struct http_client *client, const struct http_reply *reply)
{
    struct memory_client *memory = (struct memory_client *)client;

    memory->replies++;
    keep_head(memory, reply);
    buffer_put(&memory->body, reply->body);
}

static void on_begin(struct http_client *client, const struct http_reply *head)
{
    ((struct memory_client *)client)->begins++;
    keep_head((struct memory_client *)client, head);
}

static size_t on_write(struct http_client *client, struct text piece)
{
    struct memory_client *memory = (struct memory_client *)client;

    EXPECT(memory->begins == 1 && memory->ends == 0);
    buffer_put(&memory->body, piece);
    return memory->backlog;
}

static void on_end(struct http_client *client, bool broken)
{
    ((struct memory_client *)client)->ends++;
    ((struct memory_client *)client)->broken = broken;
}

static const struct http_client_ops ops = {on_reply, on_begin, on_write, on_end};

/* --- the gateway ---------------------------------------------------------------------------------
 */

static struct {
    struct gateway gateway;
    struct worker worker;
    char folder[32];
    char secret[TOKEN_CHARS + 1];
    struct text token_id;
    struct arena arena;
    FILE *log;
    struct memory_client client;
    char bearer[TOKEN_CHARS + 8];
    struct http_header headers[2];
} on;

static void make_token(void)
{
    static const struct text all[] = {TEXT_INIT("*")};
    const struct token_order order = {.scopes = all, .scope_count = 1};
    struct store_command *command =
        token_issue(&on.gateway.token_key, &order, clock_wall_ms(), on.secret, NULL);

    store_wait(on.gateway.store, command);
    token_table_put(on.gateway.tokens, &command->token);
    on.token_id = arena_copy(&on.arena, command->token.id);
    store_command_free(command);
    snprintf(on.bearer, sizeof on.bearer, "Bearer %.*s", TOKEN_CHARS, on.secret);
}

static void open_all(void)
{
    static const struct memory_file start[] = {{"pinion.yaml", TEXT_INIT("workers: 1\n")}};
    struct memory_file all[1 + FILES] = {start[0]};
    struct memory_folder folder = memory_folder(all, 1 + FILES, NULL);
    struct schema_limits limits = schema_limits_authors;
    struct diagnostics diagnostics = {.arena = &on.arena};
    struct error err = {0};
    struct config *config;

    memcpy(all + 1, files, sizeof files);
    limits.check_steps = CHECK_STEPS;
    config = config_load_from(&folder.folder, TEXT("."),
                              &(struct config_options){.dev = true, .schema_limits = &limits},
                              &diagnostics);
    if (config == NULL)
        fail_msg("refused: %.*s", TEXT_ARG(diagnostics.items[0].message));
    snprintf(on.folder, sizeof on.folder, "/tmp/pinion-test-XXXXXX");
    EXPECT(mkdtemp(on.folder) != NULL);
    config->settings.store = text_of(on.folder);
    on.log = tmpfile();
    EXPECT(on.log != NULL);
    if (!gateway_open(&on.gateway,
                      &(struct gateway_options){.folder = TEXT("."),
                                                .log = log_open(fileno(on.log), 1 << 20)},
                      config, &err) ||
        !worker_open(&on.worker, &on.gateway, 0, &err))
        fail_msg("%s", err.message);
    make_token();
}

/* Ends everything; `lines` is how many requests the journal must hold, all of which must say so. */
static void close_all_saying(size_t lines, const char *said)
{
    char line[8192], command[64];
    struct log *log = on.gateway.log;
    size_t found = 0;

    worker_close(&on.worker);
    gateway_close(&on.gateway);
    log_close(log);
    rewind(on.log);
    while (fgets(line, sizeof line, on.log) != NULL)
        found += strstr(line, "\"event\":\"request\"") != NULL && strstr(line, said) != NULL;
    fclose(on.log);
    EXPECT_EQ(found, lines);
    snprintf(command, sizeof command, "rm -r %s", on.folder);
    EXPECT_EQ(system(command), 0);
    buffer_release(&on.client.body);
    buffer_release(&on.client.session);
    arena_release(&on.arena);
    memset(&on, 0, sizeof on);
}

static void close_all(size_t lines)
{
    close_all_saying(lines, "");
}

static struct request *ask_admin(bool admin, const char *path, const char *body)
{
    struct http_request http = {.method = TEXT("POST"),
                                .path = text_of(path),
                                .headers = on.headers,
                                .header_count = 1,
                                .body = text_of(body),
                                .admin = admin,
                                .started_us = clock_monotonic_us()};

    on.headers[0] = (struct http_header){TEXT("authorization"), text_of(on.bearer)};
    buffer_release(&on.client.body);
    buffer_release(&on.client.session);
    on.client = (struct memory_client){.client = {&ops}, .backlog = on.client.backlog};
    return request_start(&on.worker, &http, &on.client.client);
}

static struct request *ask(const char *path, const char *body)
{
    return ask_admin(false, path, body);
}

static void turn_until(struct request *request, enum stage_id stage)
{
    for (int i = 0; i < 2000 && !(request->at == stage && request->waiting); i++)
        loop_turn(on.worker.loop, 10);
    EXPECT(request->at == stage && request->waiting);
}

static void finish(struct request *request)
{
    for (int i = 0; i < 2000 && !request->finished; i++)
        loop_turn(on.worker.loop, 10);
    EXPECT(request->finished);
}

static void expect_silence(void)
{
    EXPECT_EQ(on.client.replies + on.client.begins + on.client.ends, 0);
}

static bool answer_has(const char *words)
{
    struct text body = buffer_text(&on.client.body);

    return text_find(body, text_of(words)) < body.len;
}

/* --- the tests -----------------------------------------------------------------------------------
 */

TEST(a_call_is_answered_once_and_gives_back_its_place)
{
    open_all();
    for (int i = 0; i < 2; i++) { /* `concurrent: 1` */
        struct request *request = ask("/chat", "{\"message\": \"hi\"}");

        expect_silence();
        finish(request);
        EXPECT_EQ(on.client.status, 200);
        EXPECT_EQ(on.client.replies, 1);
        EXPECT_EQ(on.client.begins, 0);
        request_free(request);
    }
    close_all(2);
}

TEST(an_input_that_cannot_be_checked_within_limits_is_no_violation)
{
    struct buffer body = {0};
    struct request *request;

    open_all();
    buffer_put(&body, TEXT("{\"list\": [\"a\""));
    for (int i = 0; i < 2 * CHECK_STEPS; i++)
        buffer_put(&body, TEXT(", \"a\""));
    buffer_put(&body, TEXT("]}"));
    buffer_put_byte(&body, '\0');
    request = ask("/asked", body.at);
    finish(request);
    EXPECT_EQ(on.client.status, 500);
    EXPECT(answer_has("\"internal_error\""));
    EXPECT(!answer_has("violations"));
    request_free(request);
    request = ask("/asked", "{\"list\": [\"abcd\"]}");
    finish(request);
    EXPECT_EQ(on.client.status, 422);
    request_free(request);
    buffer_release(&body);
    close_all(2);
}

TEST(the_journal_names_the_schema_of_a_check_that_was_given_up)
{
    struct request *request;

    open_all();
    request = ask("/told", "{\"message\": \"hi\"}");
    finish(request);
    EXPECT_EQ(on.client.status, 500);
    request_free(request);
    close_all_saying(1, "schema 'endpoints/told.yaml#/output_schema'");
}

TEST(a_client_that_leaves_during_the_call_hears_nothing_and_has_its_line)
{
    struct request *request;

    open_all();
    request = ask("/chat", "{\"message\": \"hi\"}");
    EXPECT_EQ(request->at, STAGE_CALL);
    EXPECT(request->waiting);
    request_gone(request);
    request_gone(request);
    EXPECT(request->finished);
    EXPECT_EQ(request->status, 499);
    EXPECT_EQ(transport_counts(on.worker.transport).cancelled, 1);
    request_drained(request);
    request_free(request);
    loop_turn(on.worker.loop, 0);
    expect_silence();
    close_all(1);
}

TEST(a_carrier_may_free_a_request_at_once)
{
    open_all();
    request_free(ask("/chat", "{\"message\": \"hi\"}"));
    request_free(ask("/chat", "{\"message\": 1}"));
    request_free(ask("/talk", "{\"message\": \"hi\"}"));
    request_free(NULL);
    close_all(3);
}

TEST(a_client_may_leave_while_the_store_reads_or_writes_its_session)
{
    struct request *request;
    char body[128];

    open_all();
    request = ask("/talk", "{\"message\": \"hi\"}");
    finish(request);
    EXPECT_EQ(on.client.status, 200);
    snprintf(body, sizeof body, "{\"message\": \"hi\", \"session_id\": \"%.*s\"}",
             TEXT_ARG(buffer_text(&on.client.session)));
    request_free(request);

    request = ask("/talk", body);
    EXPECT(request->at == STAGE_RECALL && request->waiting);
    request_free(request);
    expect_silence();

    request = ask("/talk", body);
    turn_until(request, STAGE_REMEMBER);
    request_gone(request);
    EXPECT_EQ(request->status, 499);
    EXPECT(request->settled); /* the answer was bought */
    request_free(request);
    expect_silence();
    while (on.worker.commands > 0) /* the turn is stored all the same, and answered to nobody */
        loop_turn(on.worker.loop, 10);
    expect_silence();

    request = ask("/talk", body);
    finish(request);
    EXPECT_EQ(on.client.status, 200);
    request_free(request);
    close_all(4);
}

TEST(a_stream_pauses_for_a_client_that_does_not_read_and_goes_on_when_it_does)
{
    struct request *request;
    size_t sent;

    open_all();
    on.client.backlog = HTTP_HIGH_WATER + 1;
    request = ask("/chat", "{\"message\": \"one two three four five six\", \"stream\": true}");
    for (int i = 0; i < 2000 && !(request->winner != NULL && request->winner->paused); i++)
        loop_turn(on.worker.loop, 10);
    EXPECT(request->winner->paused && request->streaming);
    for (int i = 0; i < 5; i++)
        loop_turn(on.worker.loop, 0);
    sent = on.client.body.len;
    for (int i = 0; i < 5; i++)
        loop_turn(on.worker.loop, 0);
    EXPECT_EQ(on.client.body.len, sent);
    EXPECT(!request->finished);
    on.client.backlog = 0;
    request_drained(request);
    finish(request);
    EXPECT_EQ(on.client.begins, 1);
    EXPECT_EQ(on.client.ends, 1);
    EXPECT(!on.client.broken);
    EXPECT(text_ends(buffer_text(&on.client.body), TEXT("data: [DONE]\n\n")));
    request_drained(request);
    request_free(request);
    close_all(1);
}

TEST(a_client_may_leave_a_paused_stream)
{
    struct request *request;

    open_all();
    on.client.backlog = HTTP_HIGH_WATER + 1;
    request = ask("/chat", "{\"message\": \"one two three\", \"stream\": true}");
    for (int i = 0; i < 2000 && !(request->winner != NULL && request->winner->paused); i++)
        loop_turn(on.worker.loop, 10);
    request_free(request);
    EXPECT_EQ(on.client.ends, 0);
    close_all(1);
}

TEST(a_revocation_is_in_force_although_its_asker_left)
{
    struct request *request;
    char path[96];

    open_all();
    snprintf(path, sizeof path, "/admin/v1/tokens/%.*s/revoke", TEXT_ARG(on.token_id));
    request = ask_admin(true, path, "{}");
    EXPECT(request->waiting);
    request_free(request);
    request = ask("/chat", "{\"message\": \"hi\"}");
    EXPECT_EQ(on.client.status, 401);
    request_free(request);
    close_all(1);
}
