/* pinion token create, provision, update, rotate, revoke. */
#include "auth/token_issue.h"
#include "base/clock.h"
#include "command/commands.h"
#include "command/config_folder.h"
#include "command/remote.h"
#include "command/token_ask.h"
#include "command/token_order.h"
#include "command/token_text.h"
#include "document/json_read.h"
#include "document/json_write.h"
#include "document/member.h"

/* Prints the secret alone on standard output, so that it can be put where it belongs; on standard
 * error what it is of. */
static int print_secret(const struct command_line *line, struct text json, const char *member,
                        const char *what)
{
    struct document document;
    struct text secret, id;
    uint32_t token;

    if (option_on(line, "json") || !json_read(json, NULL, line->arena, &document, NULL, NULL)) {
        printf("%.*s\n", TEXT_ARG(json));
        return EXIT_DONE;
    }
    token = document_member(&document, 0, TEXT("token"));
    if (strcmp(member, "token") == 0)
        token = 0;
    id = member_text(&document, token, "id");
    secret = member_text(&document, 0, member);
    if (secret.len > 0)
        printf("%.*s\n", TEXT_ARG(secret));
    if (!option_on(line, "quiet"))
        fprintf(stderr,
                secret.len > 0 ? "%s %.*s; the token above is shown only this once\n"
                                 "take it back with: pinion token revoke %.*s\n"
                               : "%s %.*s already; its key was shown when it was made\n"
                                 "make another with: pinion token rotate %.*s\n",
                what, TEXT_ARG(id), TEXT_ARG(id));
    return EXIT_DONE;
}

/* --- create, provision
 * ------------------------------------------------------------------------------------ */

/* --admin-verb makes it a credential of the admin API, which has those verbs and no scopes. */
static bool put_admin(const struct command_line *line, struct buffer *out, struct error *err)
{
    const char *const *verbs, *const *others;
    size_t count = option_texts(line, "admin-verb", &verbs);

    if (count == 0)
        return true;
    if (option_texts(line, "verb", &others) > 0)
        return error_set(err, ERROR_INVALID_REQUEST, "--admin-verb",
                         "--verb and --admin-verb exclude each other: a token is for callers or "
                         "for operators");
    json_put_text(out, "kind", TEXT("admin"));
    json_put_name(out, "verbs");
    buffer_put_byte(out, '[');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_put_byte(out, ',');
        json_put_string(out, text_of(verbs[i]));
    }
    buffer_put_byte(out, ']');
    return true;
}

static void put_common(const struct command_line *line, struct buffer *out)
{
    const char *project = option_text(line, "project");

    if (project != NULL)
        json_put_text(out, "project", text_of(project));
    if (option_on(line, "test")) {
        json_put_name(out, "test");
        buffer_put(out, TEXT("true"));
    }
}

static int create(const struct command_line *line)
{
    struct buffer body = buffer_in(line->arena);
    struct error err = {0};
    struct text answer;
    int code;

    if (!token_order_put(line, clock_wall_ms(), &body, &err) || !put_admin(line, &body, &err))
        return remote_error(line, &err);
    put_common(line, &body);
    buffer_put_byte(&body, '}');
    if (!token_ask(line, DEED_CREATE, (struct text){0}, buffer_text(&body), &answer, &code))
        return code;
    return print_secret(line, answer, "token", "created");
}

static int provision(const struct command_line *line)
{
    struct buffer body = buffer_in(line->arena);
    struct error err = {0};
    struct text answer;
    int code;

    if (!token_order_put(line, clock_wall_ms(), &body, &err))
        return remote_error(line, &err);
    put_common(line, &body);
    json_put_text(&body, "deployment", text_of(line->arguments[0]));
    buffer_put_byte(&body, '}');
    if (!token_ask(line, DEED_PROVISION, (struct text){0}, buffer_text(&body), &answer, &code))
        return code;
    return print_secret(line, answer, "key", "provisioned");
}

/* --- update, rotate, revoke
 * ------------------------------------------------------------------------------- */

static int update(const struct command_line *line)
{
    struct buffer body = buffer_in(line->arena);
    struct error err = {0};
    struct text answer, id;
    int code;

    if (!token_id_given(line, &id))
        return EXIT_USAGE;
    if (!token_order_put(line, clock_wall_ms(), &body, &err))
        return remote_error(line, &err);
    if (body.len == 1) {
        error_set(&err, ERROR_INVALID_REQUEST, NULL, "nothing is to be changed");
        error_hint(&err, "say what, such as --expires 90d; lists are replaced as a whole");
        return remote_error(line, &err);
    }
    buffer_put_byte(&body, '}');
    if (!token_ask(line, DEED_UPDATE, id, buffer_text(&body), &answer, &code))
        return code;
    if (option_on(line, "json"))
        printf("%.*s\n", TEXT_ARG(answer));
    else if (!option_on(line, "quiet"))
        fprintf(stderr, "updated %.*s; in force from now on\n", TEXT_ARG(id));
    return EXIT_DONE;
}

static int rotate(const struct command_line *line)
{
    int64_t overlap_ms;
    struct error err = {0};
    struct text answer, id;
    int code;

    if (!token_id_given(line, &id))
        return EXIT_USAGE;
    if (!token_order_duration(option_text(line, "overlap"), &overlap_ms) ||
        overlap_ms > TOKEN_OVERLAP_MAX_MS) {
        error_set(&err, ERROR_INVALID_REQUEST, "--overlap",
                  "'%s' is no duration such as 24h, up to 366d, and 0 for none",
                  option_text(line, "overlap"));
        return remote_error(line, &err);
    }
    if (!token_ask(line, DEED_ROTATE, id,
                   arena_printf(line->arena, "{\"overlap_s\":%lld}",
                                (long long)((overlap_ms + 999) / 1000)),
                   &answer, &code))
        return code;
    return print_secret(line, answer, "token", "rotated");
}

static int revoke(const struct command_line *line)
{
    struct text answer, id;
    int code;

    if (!token_id_given(line, &id))
        return EXIT_USAGE;
    if (!token_ask(line, DEED_REVOKE, id, TEXT("{}"), &answer, &code))
        return code;
    if (option_on(line, "json"))
        printf("%.*s\n", TEXT_ARG(answer));
    else if (!option_on(line, "quiet"))
        fprintf(stderr, "revoked %.*s; it is refused from now on\n", TEXT_ARG(id));
    return EXIT_DONE;
}

/* --- the commands
 * ----------------------------------------------------------------------------------------- */

#define NEW_TOKEN_OPTIONS                                                                          \
    {.name = "project", .argument = "NAME", .help = "whose it is; without it, 'default'"},         \
    {                                                                                              \
        .name = "test", .help = "a test token: pin_test_..."                                       \
    }

static const struct option_spec create_options[] = {
    TOKEN_ORDER_OPTIONS,
    NEW_TOKEN_OPTIONS,
    {.name = "admin-verb",
     .argument = "VERB",
     .help = "makes an admin credential: tokens:read, tokens:write, sessions, usage, logs, audit, "
             "secrets, config, backup, or '*'; may be repeated",
     .repeated = true},
    PLACE_OPTIONS,
};
static const struct option_spec provision_options[] = {TOKEN_ORDER_OPTIONS, NEW_TOKEN_OPTIONS,
                                                       PLACE_OPTIONS};
static const struct option_spec update_options[] = {TOKEN_ORDER_OPTIONS, PLACE_OPTIONS};
static const struct option_spec rotate_options[] = {
    {.name = "overlap",
     .argument = "DURATION",
     .help = "how long the old secret stays good; 0 ends it at once",
     .fallback = "24h"},
    PLACE_OPTIONS,
};
static const struct option_spec revoke_options[] = {PLACE_OPTIONS};

const struct command_spec command_token_create = {
    .name = "token create",
    .summary = "Create a token; its secret is printed once",
    .examples = {"token create --scope summarize --scope 'openai:gpt-4*' --expires 90d",
                 "token create --name ops --admin-verb usage --admin-verb logs"},
    .options = create_options,
    .option_count = sizeof create_options / sizeof *create_options,
    .see_also = "token list, token update, token rotate, token revoke",
    .run = create,
};

const struct command_spec command_token_provision = {
    .name = "token provision",
    .arguments = "DEPLOYMENT",
    .arguments_min = 1,
    .arguments_max = 1,
    .summary = "Create the token of a deployment, unless it has one; the secret is printed once",
    .examples = {"token provision shop-eu --scope 'shop-*'",
                 "token provision shop-eu --scope 'shop-*' --json"},
    .options = provision_options,
    .option_count = sizeof provision_options / sizeof *provision_options,
    .see_also = "token create, token list",
    .run = provision,
};

const struct command_spec command_token_update = {
    .name = "token update",
    .arguments = "ID",
    .arguments_min = 1,
    .arguments_max = 1,
    .summary = "Change what a token may do, from now on",
    .examples = {"token update tok_01k9... --expires 90d",
                 "token update tok_01k9... --scope summarize --scope 'support-*'"},
    .options = update_options,
    .option_count = sizeof update_options / sizeof *update_options,
    .see_also = "token show, token rotate",
    .run = update,
};

const struct command_spec command_token_rotate = {
    .name = "token rotate",
    .arguments = "ID",
    .arguments_min = 1,
    .arguments_max = 1,
    .summary = "Give a token a new secret; the old one stays good for a while",
    .examples = {"token rotate tok_01k9...", "token rotate tok_01k9... --overlap 0"},
    .options = rotate_options,
    .option_count = sizeof rotate_options / sizeof *rotate_options,
    .see_also = "token revoke, token list",
    .run = rotate,
};

const struct command_spec command_token_revoke = {
    .name = "token revoke",
    .arguments = "ID",
    .arguments_min = 1,
    .arguments_max = 1,
    .summary = "Refuse a token from now on",
    .examples = {"token revoke tok_01k9...", "token revoke tok_01k9... --quiet"},
    .see_also = "token list",
    .options = revoke_options,
    .option_count = sizeof revoke_options / sizeof *revoke_options,
    .run = revoke,
};
