/* pinion token create, list, revoke: through the running server where there is one, so that a
 * change is in force with the answer; else on the store itself, which then nobody else has open. */
#include "auth/token_issue.h"
#include "auth/token_table.h"
#include "base/clock.h"
#include "command/commands.h"
#include "command/config_folder.h"
#include "command/own_act.h"
#include "command/remote.h"
#include "command/token_text.h"
#include "config/value.h"
#include "document/json_read.h"
#include "document/json_write.h"

/* --- the two ways to the tokens
 * ------------------------------------------------------------------------ */

/* A store opened by this command itself. Its key is made only for a store without tokens: a new one
 * would make every token there worthless. */
struct own_store {
    struct store *store;
    struct token_key key;
};

static bool open_own(const struct command_line *line, const struct settings *settings,
                     struct own_store *own, struct error *err)
{
    struct text key_path = arena_printf(line->arena, "%.*s/token.key", TEXT_ARG(settings->store));
    struct store_command *list;

    own->store = store_open_lmdb(settings->store, err);
    if (own->store == NULL)
        return false;
    list = store_command_new(STORE_TOKEN_LIST);
    store_wait(own->store, list);
    *err = list->error;
    if (err->code == ERROR_NONE)
        token_key_load(key_path.at, list->token_count == 0, &own->key, err);
    store_command_free(list);
    if (err->code == ERROR_NONE)
        return true;
    store_close(own->store);
    return false;
}

static void close_own(struct own_store *own)
{
    store_close(own->store);
    explicit_bzero(&own->key, sizeof own->key);
}

/* --- create
 * -----------------------------------------------------------------------------------------------
 */

static bool expiry_of(const struct command_line *line, int64_t now_ms, int64_t *out_ms,
                      struct error *err)
{
    const char *given = option_text(line, "expires");
    uint64_t duration_ms;

    if (given == NULL)
        return true;
    if (duration_parse(text_of(given), &duration_ms) && duration_ms < INT64_MAX / 2) {
        *out_ms = now_ms + (int64_t)duration_ms;
        return true;
    }
    if (clock_parse_rfc3339(text_of(given), out_ms))
        return true;
    return error_set(err, ERROR_INVALID_REQUEST, "--expires",
                     "'%s' is neither a duration such as 90d nor a date such as 2027-01-31", given);
}

static bool create_own(const struct command_line *line, const struct settings *settings,
                       const struct token_order *order, int64_t now_ms, struct buffer *out,
                       struct error *err)
{
    struct own_store own;
    struct store_command *command;
    char secret[TOKEN_CHARS];

    if (!open_own(line, settings, &own, err))
        return false;
    command = token_issue(&own.key, order, now_ms, secret, err);
    if (command != NULL) {
        own_record(command, AUDIT_TOKEN_CREATE, command->token.id);
        store_wait(own.store, command);
        *err = command->error;
        token_put_record(out, &command->token, (struct text){secret, TOKEN_CHARS});
        store_command_free(command);
    }
    explicit_bzero(secret, sizeof secret);
    close_own(&own);
    return err->code == ERROR_NONE;
}

static int print_created(const struct command_line *line, struct text json)
{
    struct document document;

    if (option_on(line, "json") || !json_read(json, NULL, line->arena, &document, NULL, NULL)) {
        printf("%.*s\n", TEXT_ARG(json));
        return EXIT_DONE;
    }
    printf("%.*s\n", TEXT_ARG(token_member(&document, 0, "token")));
    if (!option_on(line, "quiet"))
        fprintf(stderr,
                "created %.*s; the token above is shown only this once\n"
                "take it back with: pinion token revoke %.*s\n",
                TEXT_ARG(token_member(&document, 0, "id")),
                TEXT_ARG(token_member(&document, 0, "id")));
    return EXIT_DONE;
}

static int create(const struct command_line *line)
{
    int64_t now_ms = clock_wall_ms();
    const char *const *scopes;
    const char *name = option_text(line, "name");
    struct token_order order = {.name = text_of(name), .test = option_on(line, "test")};
    struct text *list, body;
    struct buffer json = buffer_in(line->arena);
    struct settings settings;
    struct error err = {0};
    int status;

    order.scope_count = option_texts(line, "scope", &scopes);
    list = ARENA_ARRAY(line->arena, struct text, order.scope_count);
    for (size_t i = 0; i < order.scope_count; i++)
        list[i] = text_of(scopes[i]);
    order.scopes = list;
    if (!expiry_of(line, now_ms, &order.expires_ms, &err))
        return remote_error(line, &err);
    if (!config_folder_settings(line, &settings, &err))
        return remote_error(line, &err);
    if (!remote_answers(line, &settings)) {
        if (!create_own(line, &settings, &order, now_ms, &json, &err))
            return remote_error(line, &err);
        return print_created(line, buffer_text(&json));
    }
    token_put_order(&json, &order);
    if (!remote_call(line, &settings, "POST", TEXT("/admin/v1/tokens"), buffer_text(&json), &status,
                     &body, &err))
        return remote_error(line, &err);
    return status == 201 ? print_created(line, body) : remote_failed(line, status, body);
}

/* --- list
 * --------------------------------------------------------------------------------------------------
 */

static bool list_own(const struct command_line *line, const struct settings *settings,
                     struct buffer *out, struct error *err)
{
    struct store_command *command = store_command_new(STORE_TOKEN_LIST);
    struct own_store own;

    if (!open_own(line, settings, &own, err)) {
        store_command_free(command);
        return false;
    }
    store_wait(own.store, command);
    *err = command->error;
    buffer_put(out, TEXT("{\"object\":\"list\",\"data\":["));
    for (size_t i = 0; i < command->token_count; i++) {
        if (i > 0)
            buffer_put_byte(out, ',');
        token_put_record(out, &command->tokens[i], (struct text){0});
    }
    buffer_put(out, TEXT("],\"has_more\":false}"));
    store_command_free(command);
    close_own(&own);
    return err->code == ERROR_NONE;
}

static int list(const struct command_line *line)
{
    static const struct json_limits limits = {.nodes = JSON_UNLIMITED};
    struct buffer json = buffer_in(line->arena);
    struct settings settings;
    struct document document;
    struct error err = {0};
    struct text body;
    uint32_t data;
    int status;

    if (!config_folder_settings(line, &settings, &err))
        return remote_error(line, &err);
    if (!remote_answers(line, &settings)) {
        if (!list_own(line, &settings, &json, &err))
            return remote_error(line, &err);
        body = buffer_text(&json);
    } else if (!remote_call(line, &settings, "GET", TEXT("/admin/v1/tokens"), (struct text){0},
                            &status, &body, &err)) {
        return remote_error(line, &err);
    } else if (status != 200) {
        return remote_failed(line, status, body);
    }
    if (option_on(line, "json") || !json_read(body, &limits, line->arena, &document, NULL, NULL)) {
        printf("%.*s\n", TEXT_ARG(body));
        return EXIT_DONE;
    }
    data = document_member(&document, 0, TEXT("data"));
    for (uint32_t i = data + 1; data != CELL_NONE && i < document.cells[data].end;
         i = document_next(&document, i))
        token_print_row(&document, i);
    return EXIT_DONE;
}

/* --- revoke
 * ------------------------------------------------------------------------------------------------
 */

static bool revoke_own(const struct command_line *line, const struct settings *settings,
                       struct text id, struct error *err)
{
    struct store_command *all = store_command_new(STORE_TOKEN_LIST), *command = NULL;
    struct own_store own;

    if (!open_own(line, settings, &own, err)) {
        store_command_free(all);
        return false;
    }
    store_wait(own.store, all);
    *err = all->error;
    for (size_t i = 0; i < all->token_count && command == NULL; i++)
        if (text_equal(all->tokens[i].id, id))
            command = token_revoke(&all->tokens[i], clock_wall_ms());
    if (command != NULL) {
        own_record(command, AUDIT_TOKEN_REVOKE, id);
        store_wait(own.store, command);
        *err = command->error;
    } else if (err->code == ERROR_NONE) {
        error_set(err, ERROR_TOKEN_NOT_FOUND, NULL, "there is no token '%.*s'",
                  TEXT_ARG(text_first(id, 64)));
    }
    store_command_free(command);
    store_command_free(all);
    close_own(&own);
    return err->code == ERROR_NONE;
}

static int revoke(const struct command_line *line)
{
    struct text id = text_of(line->arguments[0]), body;
    struct settings settings;
    struct error err = {0};
    int status;

    for (size_t i = 0; i < id.len; i++)
        if (!(id.at[i] == '_' || (id.at[i] >= '0' && id.at[i] <= '9') ||
              (id.at[i] >= 'a' && id.at[i] <= 'z'))) {
            error_set(&err, ERROR_INVALID_REQUEST, NULL, "a token is revoked by its id, 'tok_...'");
            error_hint(&err, "'pinion token list' shows the ids");
            return remote_error(line, &err);
        }
    if (!config_folder_settings(line, &settings, &err))
        return remote_error(line, &err);
    if (!remote_answers(line, &settings)) {
        if (!revoke_own(line, &settings, id, &err))
            return remote_error(line, &err);
    } else {
        struct text path = arena_printf(line->arena, "/admin/v1/tokens/%.*s/revoke", TEXT_ARG(id));

        if (!remote_call(line, &settings, "POST", path, TEXT("{}"), &status, &body, &err))
            return remote_error(line, &err);
        if (status != 200)
            return remote_failed(line, status, body);
    }
    if (!option_on(line, "quiet"))
        fprintf(stderr, "revoked %.*s; it is refused from now on\n", TEXT_ARG(id));
    return EXIT_DONE;
}

static const struct option_spec create_options[] = {
    {.name = "scope",
     .letter = 's',
     .argument = "SLUG",
     .help = "an endpoint it may call, or a pattern such as 'support-*'; may be repeated",
     .repeated = true},
    {.name = "name", .argument = "NAME", .help = "what people know it by"},
    {.name = "expires",
     .argument = "WHEN",
     .help = "a duration such as 90d, or a date such as 2027-01-31; without it, never"},
    {.name = "test", .help = "a test token: pin_test_..."},
    PLACE_OPTIONS,
};
static const struct option_spec place_options[] = {PLACE_OPTIONS};

const struct command_spec command_token_create = {
    .name = "token create",
    .summary = "Create a token; its secret is printed once",
    .examples = {"token create --scope summarize --expires 90d",
                 "token create --scope 'support-*' --name helpdesk"},
    .options = create_options,
    .option_count = sizeof create_options / sizeof *create_options,
    .see_also = "token list, token revoke",
    .run = create,
};

const struct command_spec command_token_list = {
    .name = "token list",
    .summary = "List the tokens, without their secrets",
    .examples = {"token list", "token list --json"},
    .see_also = "token create, token revoke",
    .options = place_options,
    .option_count = sizeof place_options / sizeof *place_options,
    .run = list,
};

const struct command_spec command_token_revoke = {
    .name = "token revoke",
    .arguments = "ID",
    .arguments_min = 1,
    .arguments_max = 1,
    .summary = "Refuse a token from now on",
    .examples = {"token revoke tok_01k9...", "token revoke tok_01k9... --quiet"},
    .see_also = "token list",
    .options = place_options,
    .option_count = sizeof place_options / sizeof *place_options,
    .run = revoke,
};
