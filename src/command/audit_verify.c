/* pinion audit verify: reads the store itself, also beside a running server, which is not asked:
 * what it would say of itself proves nothing. */
#include "audit/record_text.h"
#include "command/commands.h"
#include "command/config_folder.h"
#include "base/input.h"
#include "command/remote.h"
#include "document/json_write.h"
#include "store/store_audit.h"

/* --- the heads that were kept ------------------------------------------------------------------
 */

struct heads {
    struct audit_link *items;
    size_t count, room;
};

static bool add_head(const struct command_line *line, struct heads *heads, struct text text,
                     struct error *err)
{
    if (heads->count == heads->room) {
        size_t room = heads->room > 0 ? heads->room * 2 : 16;

        heads->items = arena_grow(line->arena, heads->items, heads->room * sizeof *heads->items,
                                  room * sizeof *heads->items);
        heads->room = room;
    }
    if (audit_link_read(text, &heads->items[heads->count])) {
        heads->count++;
        return true;
    }
    error_set(err, ERROR_INVALID_REQUEST, NULL, "'%.*s' is no head of an audit log",
              TEXT_ARG(text_cut(text, 80)));
    error_hint(err, "one is a number, ':' and 64 hexadecimal digits, as in the file audit.head");
    return false;
}

/* One a line; empty lines are nothing. */
static bool read_heads(const struct command_line *line, const char *name, struct heads *heads,
                       struct error *err)
{
    struct text rest;

    if (!input_read(name, line->arena, &rest, err))
        return false;
    while (rest.len > 0) {
        struct text head = text_trim(text_split(&rest, '\n'));

        if (head.len > 0 && !add_head(line, heads, head, err))
            return false;
    }
    return true;
}

static bool find_heads(const struct command_line *line, struct heads *heads, struct error *err)
{
    const char *const *given;
    size_t count = option_texts(line, "head", &given);

    for (size_t i = 0; i < count; i++)
        if (!add_head(line, heads, text_of(given[i]), err))
            return false;
    count = option_texts(line, "head-file", &given);
    for (size_t i = 0; i < count; i++)
        if (!read_heads(line, given[i], heads, err))
            return false;
    return true;
}

/* --- the verdict -------------------------------------------------------------------------------
 */

static void print_json(const struct command_line *line, const struct audit_check *check,
                       bool sealed)
{
    struct buffer out = buffer_in(line->arena);
    char head[AUDIT_LINK_CHARS];

    buffer_printf(&out, "{\"ok\":true,\"records\":%llu,\"first\":%llu,\"head\":",
                  (unsigned long long)check->records,
                  (unsigned long long)check->ends.before.sequence + 1);
    json_put_string(&out, audit_link_write(&check->ends.last, head));
    buffer_printf(&out, ",\"seals\":%s,\"heads_met\":%zu,\"heads_too_old\":%zu}",
                  sealed ? "true" : "false", check->heads_met, check->heads_too_old);
    printf("%.*s\n", TEXT_ARG(buffer_text(&out)));
}

static void print_words(const struct audit_check *check, bool sealed)
{
    char head[AUDIT_LINK_CHARS];

    if (check->records == 0) {
        printf("the audit log is empty\n");
        return;
    }
    printf("the audit log is whole: records %llu to %llu, %s\n",
           (unsigned long long)check->ends.before.sequence + 1,
           (unsigned long long)check->ends.last.sequence,
           sealed ? "hashes and seals" : "hashes alone");
    if (check->heads_met > 0)
        printf("%zu kept head%s as it was\n", check->heads_met,
               check->heads_met == 1 ? " is" : "s are");
    printf("head %.*s\n", TEXT_ARG(audit_link_write(&check->ends.last, head)));
}

/* Heads that are all older than the log prove nothing, which is not what was asked for. */
static bool heads_count(const struct audit_check *check, const struct heads *heads,
                        struct error *err)
{
    if (heads->count == 0 || check->heads_met > 0)
        return true;
    return error_set(err, ERROR_AUDIT_BROKEN, NULL,
                     "the log begins with record %llu, and every head that was given is older",
                     (unsigned long long)check->ends.before.sequence + 1);
}

static bool find_key(const struct command_line *line, const struct settings *settings,
                     struct audit_key *out, struct error *err)
{
    const char *path = option_text(line, "key");
    bool good = path != NULL ? random_key_load(path, "audit key", false, out->bytes, err)
                             : store_audit_key(settings->store, out, err);

    if (!good && err->hint[0] == '\0')
        error_hint(err, "--key names the file; --hashes-only checks without it");
    return good;
}

static int run(const struct command_line *line)
{
    bool sealed = !option_on(line, "hashes-only");
    struct audit_order order = {0};
    struct audit_check check;
    struct audit_key key;
    struct heads heads = {0};
    struct settings settings;
    struct error err = {0};
    bool good;

    if (!config_folder_settings(line, &settings, &err) || !find_heads(line, &heads, &err) ||
        (sealed && !find_key(line, &settings, &key, &err)))
        return remote_error(line, &err);
    order.key = sealed ? &key : NULL;
    order.heads = heads.items;
    order.head_count = heads.count;
    good = store_verify_audit(settings.store, &order, &check, &err) &&
           heads_count(&check, &heads, &err);
    explicit_bzero(&key, sizeof key);
    if (!good)
        return remote_error(line, &err);
    if (option_on(line, "json"))
        print_json(line, &check, sealed);
    else if (!option_on(line, "quiet"))
        print_words(&check, sealed);
    return EXIT_DONE;
}

static const struct option_spec options[] = {
    {.name = "head",
     .argument = "SEQ:HASH",
     .help = "a head that was kept: the log must still go through it; may be repeated",
     .repeated = true},
    {.name = "head-file",
     .argument = "FILE",
     .help = "likewise, one a line; '-' is standard input",
     .repeated = true},
    {.name = "key",
     .argument = "FILE",
     .help = "the key of its seals; else audit.key in the store"},
    {.name = "hashes-only", .help = "without the key: whoever could write could forge"},
    PLACE_OPTIONS,
};

const struct command_spec command_audit_verify = {
    .name = "audit verify",
    .summary = "Check that nothing in the audit log was changed, cut or moved",
    .examples = {"audit verify --head-file heads.txt", "audit verify --store /backups/monday"},
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .see_also = "audit list, audit export",
    .run = run,
};
