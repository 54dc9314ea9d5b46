/* Fills a store with a little of everything and much of what grows: fill FOLDER MEBIBYTES. For
 * measuring how a server starts on a large one. */
#include "base/check.h"
#include "store/store_impl.h"

#include <stdio.h>
#include <stdlib.h>

enum { UNDER_WAY = 256, MESSAGE_BYTES = 4000, TURN_MESSAGES = 8, TOKENS = 10000 };

struct filling {
    struct store *store;
    struct loop *loop;
    uint64_t wanted_bytes;
    unsigned sessions, tokens;
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

/* They are all of a store that a server reads before it is ready. */
static void add_token(struct filling *filling)
{
    static const struct text scopes[] = {TEXT_INIT("talk"), TEXT_INIT("support-*")};
    struct store_command *command = store_command_new(STORE_TOKEN_PUT);
    struct token_record *token = &command->token;
    unsigned number = filling->tokens++;

    *token = (struct token_record){
        .id = arena_printf(&command->arena, "tok_%026u", number),
        .name = arena_printf(&command->arena, "team %u", number),
        .hint = TEXT("pin_live_abcd...wxyz"),
        .scopes = scopes,
        .scope_count = 2,
        .created_ms = 1,
    };
    memcpy(token->digest, &number, sizeof number);
    submit(filling, command);
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
            if (filling.tokens < TOKENS)
                add_token(&filling);
            else
                add_session(&filling);
        if (filling.under_way > 0)
            loop_turn(filling.loop, 1000);
    }
    printf("fill: %u tokens, %u sessions, %llu MiB\n", filling.tokens, filling.sessions,
           (unsigned long long)(store_stats(filling.store).used_bytes >> 20));
    store_close(filling.store);
    loop_close(filling.loop);
    return 0;
}
