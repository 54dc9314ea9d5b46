/* pinion secret set, list, delete, rotate: through the running server where there is one, so that a
 * change is in force with the answer; else on the store itself, which then nobody else has open. */
#include "command/commands.h"
#include "command/config_folder.h"
#include "command/confirm.h"
#include "command/own_act.h"
#include "command/remote.h"
#include "command/secret_text.h"
#include "command/secret_value.h"
#include "document/json_read.h"
#include "document/json_write.h"
#include "secret/memory.h"
#include "secret/vault_text.h"


/* Where the secrets are: a server, or a store opened by this command itself. */
struct place {
    struct settings settings;
    bool remote;
    struct key_source keys;
    struct vault vault;
};

static bool open_place(const struct command_line *line, struct place *place, struct error *err)
{
    struct store *store;

    *place = (struct place){0};
    if (!config_folder_settings(line, &place->settings, err))
        return false;
    place->remote = remote_answers(line, &place->settings);
    if (place->remote)
        return true;
    store = store_open_lmdb(place->settings.store, err);
    if (store == NULL)
        return false;
    key_source_find(place->settings.master_key, line->arena, &place->keys);
    vault_init(&place->vault, &place->keys, place->settings.store, store);
    return true;
}

static void close_place(struct place *place)
{
    if (place->remote)
        return;
    store_close(place->vault.store);
    vault_release(&place->vault);
}

/* Asks the server; on failure *code is what the command ends with. */
static bool ask(const struct command_line *line, const struct place *place, const char *method,
                struct text path, struct text body, struct text *out_answer, int *code)
{
    struct error err = {0};
    int status;

    if (!remote_call(line, &place->settings, method, path, body, &status, out_answer, &err))
        *code = remote_error(line, &err);
    else if (status != 200)
        *code = remote_failed(line, status, *out_answer);
    else
        return true;
    return false;
}

/* The answer's JSON, for who wants that; else true, to be said in words. */
static bool in_words(const struct command_line *line, struct text answer, struct document *document)
{
    static const struct json_limits limits = {.nodes = JSON_UNLIMITED};

    if (!option_on(line, "json") && json_read(answer, &limits, line->arena, document, NULL, NULL))
        return !option_on(line, "quiet");
    printf("%.*s\n", TEXT_ARG(answer));
    return false;
}

/* A name that is none of ours must not be part of a path. */
static bool name_of(const struct command_line *line, struct text *out, struct error *err)
{
    *out = text_of(line->arguments[0]);
    if (secret_name_valid(*out))
        return true;
    return error_set(err, ERROR_INVALID_REQUEST, NULL,
                     "the name of a secret has 1 to %d of a-z, 0-9, '-' and '_'",
                     SECRET_NAME_BYTES_MAX);
}

static struct text path_of(const struct command_line *line, struct text name)
{
    return arena_printf(line->arena, "/admin/v1/secrets/%.*s", TEXT_ARG(name));
}

/* --- set ---------------------------------------------------------------------------------------
 */

static bool set_remote(const struct command_line *line, const struct place *place, struct text name,
                       struct text value, struct text *out_answer, int *code)
{
    struct buffer body = buffer_in(line->arena);
    bool good;

    buffer_reserve(&body, 6 * value.len + 32); /* so that it never moves and leaves a copy */
    buffer_put(&body, TEXT("{\"value\":"));
    json_put_string(&body, value);
    buffer_put_byte(&body, '}');
    good = ask(line, place, "PUT", path_of(line, name), buffer_text(&body), out_answer, code);
    secret_wipe(buffer_text(&body));
    return good;
}

static bool set_own(const struct command_line *line, struct place *place, struct text name,
                    struct text value, struct text *out_answer, int *code)
{
    const struct audit_event act = own_act(line->arena);
    struct buffer out = buffer_in(line->arena);
    struct vault_secret secret;
    struct error err = {0};
    struct text new_key;

    if (!vault_set(&place->vault, name, value, &act, line->arena, &secret, &new_key, &err)) {
        *code = remote_error(line, &err);
        return false;
    }
    buffer_put(&out, TEXT("{\"secret\":"));
    vault_put_secret(&out, &secret);
    json_put_name(&out, "new_key");
    if (new_key.len > 0)
        json_put_string(&out, new_key);
    else
        buffer_put(&out, TEXT("null"));
    buffer_put_byte(&out, '}');
    *out_answer = buffer_text(&out);
    return true;
}

static int set(const struct command_line *line)
{
    struct text name, value, answer;
    struct document document;
    struct error err = {0};
    struct place place;
    int code = EXIT_DONE;
    bool good;

    if (!name_of(line, &name, &err) || !secret_value_read(line, &value, &err) ||
        !open_place(line, &place, &err))
        return remote_error(line, &err);
    good = place.remote ? set_remote(line, &place, name, value, &answer, &code)
                        : set_own(line, &place, name, value, &answer, &code);
    close_place(&place);
    if (good && in_words(line, answer, &document))
        secret_say_set(&document);
    return code;
}

/* --- list --------------------------------------------------------------------------------------
 */

/* Reading needs no store of one's own, and makes none. */
static bool list_own(const struct command_line *line, const struct settings *settings,
                     struct text *out_answer, struct error *err)
{
    const struct vault_secret *secrets = NULL;
    struct buffer out = buffer_in(line->arena);
    struct key_source keys;
    struct vault vault;
    size_t count = 0;
    bool good;

    key_source_find(settings->master_key, line->arena, &keys);
    vault_init(&vault, &keys, settings->store, NULL);
    good = vault_list(&vault, line->arena, &secrets, &count, err);
    vault_release(&vault);
    vault_put_list(&out, secrets, count);
    *out_answer = buffer_text(&out);
    return good;
}

static int list(const struct command_line *line)
{
    struct document document;
    struct error err = {0};
    struct text answer;
    struct place place = {0};
    int code = EXIT_DONE;

    if (!config_folder_settings(line, &place.settings, &err))
        return remote_error(line, &err);
    if (remote_answers(line, &place.settings)) {
        if (!ask(line, &place, "GET", TEXT("/admin/v1/secrets"), (struct text){0}, &answer, &code))
            return code;
    } else if (!list_own(line, &place.settings, &answer, &err)) {
        return remote_error(line, &err);
    }
    if (in_words(line, answer, &document))
        secret_print_list(&document);
    return code;
}

/* --- delete ------------------------------------------------------------------------------------
 */

static bool confirmed(const struct command_line *line, struct text name, struct error *err)
{
    return confirm(line, TEXT("a deleted secret cannot be brought back"),
                   arena_printf(line->arena, "Delete the secret '%.*s'? It cannot be brought back.",
                                TEXT_ARG(name)),
                   err);
}

static bool delete_own(const struct command_line *line, struct place *place, struct text name,
                       struct text *out_answer, int *code)
{
    const struct audit_event act = own_act(line->arena);
    struct error err = {0};

    if (vault_delete(&place->vault, name, &act, &err)) {
        *out_answer = arena_printf(line->arena, "{\"deleted\":\"%.*s\"}", TEXT_ARG(name));
        return true;
    }
    *code = remote_error(line, &err);
    return false;
}

static int delete_one(const struct command_line *line)
{
    struct document document;
    struct error err = {0};
    struct text name, answer;
    struct place place;
    int code = EXIT_DONE;
    bool good;

    if (!name_of(line, &name, &err) || !confirmed(line, name, &err) ||
        !open_place(line, &place, &err))
        return remote_error(line, &err);
    good = place.remote
               ? ask(line, &place, "DELETE", path_of(line, name), (struct text){0}, &answer, &code)
               : delete_own(line, &place, name, &answer, &code);
    close_place(&place);
    if (good && in_words(line, answer, &document))
        secret_say_deleted(&document);
    return code;
}

/* --- rotate ------------------------------------------------------------------------------------
 */

static bool rotate_own(const struct command_line *line, struct place *place,
                       struct text *out_answer, int *code)
{
    const struct audit_event act = own_act(line->arena);
    struct buffer out = buffer_in(line->arena);
    struct vault_rotation rotation;
    struct error err = {0};

    if (!vault_rotate(&place->vault, &act, line->arena, &rotation, &err)) {
        *code = remote_error(line, &err);
        return false;
    }
    vault_put_rotation(&out, &rotation);
    *out_answer = buffer_text(&out);
    return true;
}

static int rotate(const struct command_line *line)
{
    struct document document;
    struct error err = {0};
    struct text answer;
    struct place place;
    int code = EXIT_DONE;
    bool good;

    if (!open_place(line, &place, &err))
        return remote_error(line, &err);
    good = place.remote ? ask(line, &place, "POST", TEXT("/admin/v1/secrets/rotate"), TEXT("{}"),
                              &answer, &code)
                        : rotate_own(line, &place, &answer, &code);
    close_place(&place);
    if (good && in_words(line, answer, &document))
        secret_say_rotated(&document);
    return code;
}

/* --- the commands ------------------------------------------------------------------------------
 */

static const struct option_spec set_options[] = {
    {.name = "file", .argument = "FILE", .help = "the value; without it, standard input"},
    PLACE_OPTIONS,
};
static const struct option_spec delete_options[] = {
    CONFIRM_OPTION,
    PLACE_OPTIONS,
};
static const struct option_spec place_options[] = {PLACE_OPTIONS};

const struct command_spec command_secret_set = {
    .name = "secret set",
    .arguments = "NAME",
    .arguments_min = 1,
    .arguments_max = 1,
    .summary = "Seal a value, such as a provider's key, into the store",
    .examples = {"secret set openai", "secret set openai --file /run/keys/openai"},
    .options = set_options,
    .option_count = sizeof set_options / sizeof *set_options,
    .see_also = "secret list, secret rotate",
    .run = set,
};

const struct command_spec command_secret_list = {
    .name = "secret list",
    .summary = "List the sealed secrets, without their values",
    .examples = {"secret list", "secret list --json"},
    .options = place_options,
    .option_count = sizeof place_options / sizeof *place_options,
    .see_also = "secret set, secret delete",
    .run = list,
};

const struct command_spec command_secret_delete = {
    .name = "secret delete",
    .arguments = "NAME",
    .arguments_min = 1,
    .arguments_max = 1,
    .summary = "Delete a sealed secret",
    .examples = {"secret delete openai", "secret delete openai --yes"},
    .options = delete_options,
    .option_count = sizeof delete_options / sizeof *delete_options,
    .see_also = "secret list",
    .run = delete_one,
};

const struct command_spec command_secret_rotate = {
    .name = "secret rotate",
    .summary = "Seal all secrets anew, under a new master key",
    .examples = {"secret rotate", "secret rotate --json"},
    .options = place_options,
    .option_count = sizeof place_options / sizeof *place_options,
    .see_also = "secret list",
    .run = rotate,
};
