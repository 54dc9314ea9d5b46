/* Fills a store with a little of everything and much of what grows: fill FOLDER MEBIBYTES. For
 * measuring how a server starts on a large one. */
#include "base/check.h"
#include "store/store_impl.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    UNDER_WAY = 256,
    MESSAGE_BYTES = 4000,
    TURN_MESSAGES = 8,
    TOKENS = 10000,
    LEASES = 1000,
    ROW_BYTES = 600,
    ROWS = 100
};

struct filling {
    struct store *store;
    struct loop *loop;
    uint64_t wanted_bytes;
    unsigned sessions, tokens, leases, blocks;
    size_t under_way;
};

static void filled(struct store_command *command)
{
    struct filling *filling = command->context;

    if (command->error.code != ERROR_NONE) {
        fprintf(stderr, "fill: %s\n", command->error.message);
        exit(1);
    }
    filling->under_way--;
    store_command_free(command);
}

static void submit(struct filling *filling, struct store_command *command)
{
    command->loop = filling->loop;
    command->done = filled;
    command->context = filling;
    filling->under_way++;
    store_submit(filling->store, command);
}

static void add_session(struct filling *filling)
{
    struct store_command *command = store_command_new(STORE_SESSION_APPEND);
    struct chat_message *messages =
        ARENA_ARRAY(&command->arena, struct chat_message, TURN_MESSAGES);
    char *words = arena_bytes(&command->arena, MESSAGE_BYTES);

    memset(words, 'a' + (int)(filling->sessions % 26), MESSAGE_BYTES);
    for (int i = 0; i < TURN_MESSAGES; i++)
        messages[i] = (struct chat_message){.role = i % 2 == 0 ? CHAT_USER : CHAT_ASSISTANT,
                                            .text = {words, MESSAGE_BYTES}};
    command->session = (struct session_record){
        .id = arena_printf(&command->arena, "ses_%026u", filling->sessions++),
        .endpoint = TEXT("talk"),
        .token_id = TEXT("tok_1"),
        .created_ms = 1,
        .expires_ms = INT64_C(4102444800000) + filling->sessions, /* the year 2100 */
        .messages = messages,
        .message_count = TURN_MESSAGES,
    };
    submit(filling, command);
}

/* A server reads all of them before it is ready. Each has a record in the audit log. */
static void add_token(struct filling *filling)
{
    static const struct text scopes[] = {TEXT_INIT("talk"), TEXT_INIT("support-*")};
    struct store_command *command = store_command_new(STORE_TOKEN_PUT);
    struct token_record *token = &command->token;
    unsigned number = filling->tokens++;

    *token = (struct token_record){
        .id = arena_printf(&command->arena, "tok_%026u", number),
        .name = arena_printf(&command->arena, "team %u", number),
        .hint = TEXT("wxyz"),
        .scopes = scopes,
        .scope_count = 2,
        .created_ms = 1,
        .revision = 1,
    };
    memcpy(token->digest, &number, sizeof number);
    command->audit =
        audit_event_copy(&command->arena, &(struct audit_event){.wall_ms = 1,
                                                                .actor = AUDIT_BY_OWNER,
                                                                .action = AUDIT_TOKEN_CREATE,
                                                                .object = token->id});
    submit(filling, command);
}

/* They are open: the next start finds them, and counts them as spent. */
static void add_lease(struct filling *filling)
{
    struct store_command *command = store_command_new(STORE_BUDGET_LEASE);

    command->orders = ARENA_NEW(&command->arena, struct budget_order);
    command->order_count = 1;
    *command->orders = (struct budget_order){
        .key = arena_printf(&command->arena, "token/tok_%u/2026-11", filling->leases++),
        .need = 1000,
        .want = 1000,
        .limit = STORE_BUDGET_UNLIMITED};
    submit(filling, command);
}

/* A worker's ledger of a short while: a block of log rows, and usage of a token that had none. */
static void add_block(struct filling *filling)
{
    struct store_command *command = store_command_new(STORE_LEDGER_APPEND);
    struct ledger_entries *ledger = ARENA_NEW(&command->arena, struct ledger_entries);
    struct usage_record *usage = ARENA_NEW(&command->arena, struct usage_record);
    struct buffer rows = buffer_in(&command->arena);

    for (int i = 0; i < ROWS; i++) {
        size_t at = log_row_begin(&rows);

        memset(buffer_reserve(&rows, ROW_BYTES), 'r', ROW_BYTES);
        rows.len += ROW_BYTES;
        log_row_end(&rows, at, 1000 + filling->blocks, 1000, 200);
    }
    *usage = (struct usage_record){
        .names = {[USAGE_DAY] = TEXT("2026-11-26"),
                  [USAGE_PROJECT] = TEXT("default"),
                  [USAGE_ENDPOINT] = TEXT("talk"),
                  [USAGE_PROVIDER] = TEXT("demo"),
                  [USAGE_MODEL] = TEXT("demo"),
                  [USAGE_TOKEN] = arena_printf(&command->arena, "tok_%026u", filling->blocks++)},
        .all = {[USAGE_CALLS] = ROWS}};
    *ledger = (struct ledger_entries){.usage = usage,
                                      .usage_count = 1,
                                      .rows = buffer_text(&rows),
                                      .row_count = ROWS,
                                      .newest_ms = 1000 + filling->blocks};
    command->ledger = ledger;
    submit(filling, command);
}

static void add_some(struct filling *filling)
{
    if (filling->tokens < TOKENS)
        add_token(filling);
    else if (filling->leases < LEASES)
        add_lease(filling);
    else if (filling->blocks <= filling->sessions)
        add_block(filling);
    else
        add_session(filling);
}

int main(int argc, char **argv)
{
    struct filling filling = {.loop = loop_open()};
    struct error err = {0};

    if (argc != 3 || filling.loop == NULL) {
        fprintf(stderr, "fill FOLDER MEBIBYTES\n");
        return 2;
    }
    filling.wanted_bytes = strtoull(argv[2], NULL, 10) << 20;
    filling.store = store_open_lmdb(text_of(argv[1]), &err);
    if (filling.store == NULL) {
        fprintf(stderr, "fill: %s: %s\n", err.at, err.message);
        return 1;
    }
    while (store_stats(filling.store).used_bytes < filling.wanted_bytes || filling.under_way > 0) {
        bool more = store_stats(filling.store).used_bytes < filling.wanted_bytes;

        while (more && filling.under_way < UNDER_WAY)
            add_some(&filling);
        if (filling.under_way > 0)
            loop_turn(filling.loop, 1000);
    }
    printf(
        "fill: %u tokens and audit records, %u open leases, %u sessions, %u blocks of %d log rows, "
        "%llu MiB\n",
        filling.tokens, filling.leases, filling.sessions, filling.blocks, ROWS,
        (unsigned long long)(store_stats(filling.store).used_bytes >> 20));
    store_close(filling.store);
    loop_close(filling.loop);
    return 0;
}
