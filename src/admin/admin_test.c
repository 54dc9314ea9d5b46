/* Who may make which admin call: every call there is, by every role there is. */
#include "admin/admin.h"

#define PIPELINE_TEST_ADMIN admin_serve

#include "auth/token_grant.h"
#include "gateway/pipeline_test.h"

static const struct memory_file files[] = {
    {"pinion.yaml", TEXT_INIT("workers: 1\nadmin_hosts: [admin.example]\n")},
    {"endpoints/chat.yaml", TEXT_INIT("provider: demo\nmodel: m\nsystem: s\n")},
};

/* The secret of a new admin credential that has those verbs. */
static void make_credential(uint32_t verbs, char out[TOKEN_CHARS])
{
    const struct token_record order = {.kind = TOKEN_ADMIN, .verbs = verbs};
    struct store_command *command =
        token_issue(&on.gateway.token_key, &order, clock_wall_ms(), out, NULL);

    store_wait(on.gateway.store, command);
    EXPECT_EQ(command->error.code, ERROR_NONE);
    token_table_put(on.gateway.tokens, &command->token);
    store_command_free(command);
}

struct role {
    struct text secret; /* empty: none is sent */
    bool local;         /* by the unix socket */
    const char *host;
};

/* A stream is answered when it begins, and goes on until its reader leaves. */
static void await_answer(struct request *request)
{
    for (int i = 0; i < 2000 && !request->finished && on.client.begins == 0; i++)
        loop_turn(on.worker.loop, 10);
    EXPECT(request->finished || on.client.begins == 1);
    if (!request->finished)
        request_gone(request);
}

/* Makes the call and gives the status of its answer. */
static int answer_to(const char *method, const char *path, const char *body,
                     const struct role *role)
{
    static unsigned caller;
    struct http_header headers[2];
    struct http_request http = {.method = text_of(method),
                                .path = text_of(path),
                                .headers = headers,
                                .admin = true,
                                .local = role->local,
                                .started_us = clock_monotonic_us()};
    struct request *request;
    char peer[32], bearer[TOKEN_CHARS + 8];

    http.body =
        arena_copy(&on.arena, text_of(body)); /* one with a secret is wiped when it is read */
    /* each from an address of its own: failures are counted by address */
    snprintf(peer, sizeof peer, "192.0.%u.%u", caller / 250 % 250, caller % 250);
    caller++;
    http.peer = text_of(peer);
    headers[http.header_count++] =
        (struct http_header){TEXT("host"), text_of(role->host ? role->host : "127.0.0.1:9090")};
    if (role->secret.len > 0) {
        snprintf(bearer, sizeof bearer, "Bearer %.*s", TEXT_ARG(role->secret));
        headers[http.header_count++] = (struct http_header){TEXT("authorization"), text_of(bearer)};
    }
    buffer_release(&on.client.body);
    on.client = (struct memory_client){.client = {&ops}};
    request = request_start(&on.worker, &http, &on.client.client);
    await_answer(request);
    request_free(request);
    while (on.worker.commands > 0)
        loop_turn(on.worker.loop, 10);
    return on.client.status;
}

/* Likewise; the segment in the path names nothing. */
static int status_of(const struct admin_row *row, const struct role *role)
{
    const char *hole = strstr(row->path, "{}");
    char path[96];

    snprintf(path, sizeof path, "/admin/v1%.*s%s%s",
             hole != NULL ? (int)(hole - row->path) : (int)strlen(row->path), row->path,
             hole != NULL ? "nothing" : "", hole != NULL ? hole + 2 : "");
    return answer_to(row->method, path, "{}", role);
}

static void expect_status(const struct admin_row *row, const struct role *role, int expected)
{
    int status = status_of(row, role);

    if (status != expected)
        fail_msg("%s %s: %d instead of %d", row->method, row->path, status, expected);
}

static struct text secret_text(const char secret[TOKEN_CHARS])
{
    return (struct text){secret, TOKEN_CHARS};
}

TEST(every_call_is_refused_to_whoever_lacks_its_verb)
{
    char wrong[TOKEN_CHARS];
    const struct admin_row *row;

    open_with(files, 2, 0);
    for (size_t i = 0; (row = admin_row_at(i)) != NULL; i++) {
        const struct role nobody = {0}, caller = {secret_text(on.secret), false, NULL},
                          caller_inside = {secret_text(on.secret), true, NULL};
        struct role lacking;

        EXPECT(row->verb != 0);
        make_credential((uint32_t)0x1ff & ~row->verb, wrong);
        lacking = (struct role){secret_text(wrong), false, NULL};
        expect_status(row, &nobody, 401);
        expect_status(row, &caller, 401);
        expect_status(row, &caller_inside, 401);
        expect_status(row, &lacking, 403);
        lacking.local = true; /* what is sent bounds what may be done, on the socket too */
        expect_status(row, &lacking, 403);
    }
    EXPECT(row == NULL);
    close_counting("");
}

TEST(every_call_is_open_to_who_has_its_verb_or_the_socket)
{
    static const struct role owner = {.local = true};
    const struct admin_row *row;

    open_with(files, 2, 0);
    for (size_t i = 0; (row = admin_row_at(i)) != NULL; i++) {
        char right[TOKEN_CHARS], all[TOKEN_CHARS];
        struct role roles[] = {{.secret = secret_text(right)},
                               {.secret = secret_text(all)},
                               {.secret = secret_text(right), .local = true},
                               owner};

        make_credential(row->verb, right);
        make_credential(ADMIN_ALL, all);
        for (size_t j = 0; j < sizeof roles / sizeof *roles; j++) {
            int status = status_of(row, &roles[j]);

            if (status == 401 || status == 403 || status == 429)
                fail_msg("%d of %s %s to role %zu", status, row->method, row->path, j);
        }
    }
    close_counting("");
}

/* The id of the one that was made last. */
static struct text id_of_last(void)
{
    struct token_view view = {0};
    struct text id = {0};

    while (token_table_next(on.gateway.tokens, id, &view))
        id = view.record->id;
    return id;
}

TEST(nobody_gets_more_verbs_than_he_has_by_way_of_another_credential)
{
    static const struct {
        uint32_t of_the_other;
        const char *method, *act, *body;
        int status;
    } cases[] = {
        {0, "POST", NULL, "{\"kind\": \"admin\", \"verbs\": [\"*\"]}", 403},
        {0, "POST", NULL, "{\"kind\": \"admin\", \"verbs\": [\"usage\", \"audit\"]}", 403},
        {0, "POST", NULL, "{\"kind\": \"admin\", \"verbs\": [\"usage\"]}", 201},
        {0, "POST", NULL, "{\"scopes\": [\"*\"], \"verbs\": [\"*\"]}", 201},
        {ADMIN_USAGE, "PATCH", "", "{\"verbs\": [\"usage\", \"audit\"]}", 403},
        {ADMIN_USAGE, "PATCH", "", "{\"verbs\": [\"usage\", \"tokens:write\"]}", 200},
        {ADMIN_USAGE, "POST", "/rotate", "{}", 200},
        {ADMIN_USAGE, "POST", "/revoke", "{}", 200},
        {ADMIN_AUDIT, "PATCH", "", "{\"verbs\": [\"usage\"]}", 403},
        {ADMIN_ALL, "PATCH", "", "{\"name\": \"mine\"}", 403},
        {ADMIN_ALL, "POST", "/rotate", "{}", 403},
        {ADMIN_ALL, "POST", "/revoke", "{}", 403},
    };
    static const struct role owner = {.local = true};
    char own[TOKEN_CHARS] = {0}, other[TOKEN_CHARS];
    struct role role = {.secret = secret_text(own)};

    open_with(files, 2, 0);
    make_credential(ADMIN_TOKENS_WRITE | ADMIN_USAGE, own);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text path = TEXT("/admin/v1/tokens");
        int status;

        if (cases[i].of_the_other != 0) {
            make_credential(cases[i].of_the_other, other);
            path = arena_printf(&on.arena, "/admin/v1/tokens/%.*s%s", TEXT_ARG(id_of_last()),
                                cases[i].act);
        }
        status = answer_to(cases[i].method, path.at, cases[i].body, &role);
        if (status != cases[i].status)
            fail_msg("%zu: %d", i, status);
        if (status == 403) /* it is the verbs that are missing, nothing else */
            EXPECT(answer_to(cases[i].method, path.at, cases[i].body, &owner) < 300);
    }
    close_counting("");
}

TEST(a_host_that_is_not_this_listener_is_refused_on_a_port)
{
    static const struct {
        const char *host;
        int status;
    } cases[] = {
        {"evil.example", 403},     {"evil.example:9090", 403}, {"", 403},
        {"localhost:9090", 200},   {"LOCALHOST", 200},         {"[::1]:9090", 200},
        {"admin.example:80", 200}, {"10.1.2.3", 200},
    };
    const struct admin_row list = {"GET", "/tokens", ADMIN_TOKENS_READ, NULL};
    char secret[TOKEN_CHARS];

    open_with(files, 2, 0);
    make_credential(ADMIN_TOKENS_READ, secret);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct role role = {secret_text(secret), false, cases[i].host};

        if (status_of(&list, &role) != cases[i].status)
            fail_msg("%s", cases[i].host);
    }
    close_counting("");
}

TEST(a_revocation_is_in_force_although_its_asker_left)
{
    struct request *request;
    char path[96];

    open_with(files, 2, 0);
    snprintf(path, sizeof path, "/admin/v1/tokens/%.*s/revoke", TEXT_ARG(on.token_id));
    request = ask_admin(true, path, "{}");
    EXPECT(request->waiting);
    request_free(request);
    while (on.worker.commands > 0) /* until it is durable */
        loop_turn(on.worker.loop, 10);
    request = ask("/chat", "{\"message\": \"hi\"}");
    EXPECT_EQ(on.client.status, 401);
    request_free(request);
    close_all(1);
}
