/* gateway/pipeline_test.h
 * For tests of the whole pipeline: a carrier in memory, and a gateway with one worker, a real store
 * and a configuration in memory. */
#pragma once
#include "auth/token_issue.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "config/load.h"
#include "gateway/pipeline.h"
#include "gateway/request_state.h"
#include "memory_folder.h"
#include "unit.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#ifndef PIPELINE_TEST_ADMIN /* who serves the admin listener */
#define PIPELINE_TEST_ADMIN NULL
#endif

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

static inline void keep_head(struct memory_client *memory, const struct http_reply *reply)
{
    memory->status = reply->status;
    for (size_t i = 0; i < reply->header_count; i++)
        if (text_equal(reply->headers[i].name, TEXT("pinion-session-id")))
            buffer_put(&memory->session, reply->headers[i].value);
}

static inline void on_reply(struct http_client *client, const struct http_reply *reply)
{
    struct memory_client *memory = (struct memory_client *)client;

    memory->replies++;
    keep_head(memory, reply);
    buffer_put(&memory->body, reply->body);
}

static inline void on_begin(struct http_client *client, const struct http_reply *head)
{
    ((struct memory_client *)client)->begins++;
    keep_head((struct memory_client *)client, head);
}

static inline size_t on_write(struct http_client *client, struct text piece)
{
    struct memory_client *memory = (struct memory_client *)client;

    EXPECT(memory->begins == 1 && memory->ends == 0);
    buffer_put(&memory->body, piece);
    return memory->backlog;
}

static inline void on_end(struct http_client *client, bool broken)
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
    const char *key; /* Idempotency-Key of what is asked; NULL: none */
} on;

static inline void make_token(void)
{
    static const struct text all[] = {TEXT_INIT("*")};
    const struct token_record order = {TOKEN_DEFAULTS, .scopes = all, .scope_count = 1};
    struct store_command *command =
        token_issue(&on.gateway.token_key, &order, clock_wall_ms(), on.secret, NULL);

    store_wait(on.gateway.store, command);
    token_table_put(on.gateway.tokens, &command->token);
    on.token_id = arena_copy(&on.arena, command->token.id);
    store_command_free(command);
    snprintf(on.bearer, sizeof on.bearer, "Bearer %.*s", TOKEN_CHARS, on.secret);
}

static inline void open_with(const struct memory_file *files, size_t count, uint32_t check_steps)
{
    struct memory_folder folder = memory_folder(files, count, NULL);
    struct schema_limits limits = schema_limits_authors;
    struct diagnostics diagnostics = {.arena = &on.arena};
    struct error err = {0};
    struct config *config;

    if (check_steps > 0)
        limits.check_steps = check_steps;
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
                      &(struct gateway_options){.admin = PIPELINE_TEST_ADMIN,
                                                .folder = TEXT("."),
                                                .log = log_open(fileno(on.log), 1 << 20)},
                      config, &err) ||
        !worker_open(&on.worker, &on.gateway, 0, &err))
        fail_msg("%s", err.message);
    make_token();
}

/* Ends everything; gives how many requests the journal holds that say so. */
static inline size_t close_counting(const char *said)
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
    snprintf(command, sizeof command, "rm -r %s", on.folder);
    EXPECT_EQ(system(command), 0);
    buffer_release(&on.client.body);
    buffer_release(&on.client.session);
    arena_release(&on.arena);
    memset(&on, 0, sizeof on);
    return found;
}

/* Likewise; so many must. */
static inline void close_all_saying(size_t lines, const char *said)
{
    EXPECT_EQ(close_counting(said), lines);
}

static inline void close_all(size_t lines)
{
    close_all_saying(lines, "");
}

static inline struct request *ask_admin(bool admin, const char *path, const char *body)
{
    struct http_request http = {.method = TEXT("POST"),
                                .path = text_of(path),
                                .headers = on.headers,
                                .header_count = admin ? 0 : 1,
                                .body = text_of(body),
                                .admin = admin,
                                .local = admin,
                                .started_us = clock_monotonic_us()};

    if (on.key != NULL) {
        on.headers[1] = (struct http_header){TEXT("idempotency-key"), text_of(on.key)};
        http.header_count = 2;
    }
    on.headers[0] = (struct http_header){TEXT("authorization"), text_of(on.bearer)};
    buffer_release(&on.client.body);
    buffer_release(&on.client.session);
    on.client = (struct memory_client){.client = {&ops}, .backlog = on.client.backlog};
    return request_start(&on.worker, &http, &on.client.client);
}

static inline struct request *ask(const char *path, const char *body)
{
    return ask_admin(false, path, body);
}

static inline void turn_until(struct request *request, enum stage_id stage)
{
    for (int i = 0; i < 2000 && !(request->at == stage && request->waiting); i++)
        loop_turn(on.worker.loop, 10);
    EXPECT(request->at == stage && request->waiting);
}

static inline void finish(struct request *request)
{
    for (int i = 0; i < 2000 && !request->finished; i++)
        loop_turn(on.worker.loop, 10);
    EXPECT(request->finished);
}

static inline void expect_silence(void)
{
    EXPECT_EQ(on.client.replies + on.client.begins + on.client.ends, 0);
}

static inline bool answer_has(const char *words)
{
    struct text body = buffer_text(&on.client.body);

    return text_find(body, text_of(words)) < body.len;
}

/* --- the store's writer, held up
 * ------------------------------------------------------------------
 */

static pthread_mutex_t writer_gate = PTHREAD_MUTEX_INITIALIZER;
static _Atomic bool writer_stands;

/* In the writer's thread. */
static inline void stand_still(struct store_command *command)
{
    writer_stands = true;
    pthread_mutex_lock(&writer_gate);
    pthread_mutex_unlock(&writer_gate);
    writer_stands = false;
    store_command_free(command);
}

/* From here until let_writer_go nothing is written; what was asked before is answered. */
static inline void hold_writer(void)
{
    struct store_command *command = store_command_new(STORE_SESSION_PURGE);

    command->done = stand_still;
    pthread_mutex_lock(&writer_gate);
    store_submit(on.gateway.store, command);
    while (!writer_stands)
        sched_yield();
}

static inline void let_writer_go(void)
{
    pthread_mutex_unlock(&writer_gate);
    while (writer_stands) /* else it could be held again before it has gone */
        sched_yield();
}
