/* pinion providers: whether they are reached, which of their keys rest, what their models cost and
 * who uses them, as the running server sees them; all of them, or one. */
#include "base/clock.h"
#include "command/commands.h"
#include "command/config_folder.h"
#include "command/log_query.h"
#include "command/log_text.h"
#include "command/providers_print.h"
#include "command/remote.h"
#include "document/diagnostic.h"
#include "document/json_write.h"
#include "document/member.h"

enum { HOUR_MS = 3600000 };

/* One call of the admin API; EXIT_DONE with its answer, or what went wrong has been said. */
static int ask(const struct command_line *line, const struct settings *settings, struct text path,
               struct document *out)
{
    struct error err = {0};
    struct text body;
    int status;

    if (!remote_call(line, settings, "GET", path, (struct text){0}, &status, &body, &err))
        return remote_error(line, &err);
    return status == 200 && log_text_read(line, body, out) ? EXIT_DONE
                                                           : remote_failed(line, status, body);
}

/* What was sent to them in the last hour. A credential may see providers and not usage: the rest is
 * shown all the same. EXIT_DONE with *out_known. */
static int ask_hour(const struct command_line *line, const struct settings *settings,
                    struct document *out, bool *out_known)
{
    struct buffer path = buffer_in(line->arena);
    char from[CLOCK_RFC3339_BYTES];
    struct error err = {0};
    struct text body;
    int status;

    buffer_put(&path, TEXT("/admin/v1/series"));
    query_put(&path, "by", TEXT("provider"));
    query_put(&path, "from", clock_rfc3339(clock_wall_ms() - HOUR_MS, from));
    if (!remote_call(line, settings, "GET", buffer_text(&path), (struct text){0}, &status, &body,
                     &err))
        return remote_error(line, &err);
    *out_known = status == 200 && log_text_read(line, body, out);
    if (!*out_known && status != 403)
        return remote_failed(line, status, body);
    if (!*out_known && !option_on(line, "quiet") && !option_on(line, "json"))
        fputs("what was sent to them is for a credential with the verb 'usage'\n", stderr);
    return EXIT_DONE;
}

/* The provider as the admin API tells it, and of the last hour calls, errors and how long they
 * took: null where that is not known. */
static void put_provider(struct buffer *out, const struct providers *providers, uint32_t provider)
{
    static const char *const copied[] = {"calls", "errors", "p50_ms", "p95_ms"};
    uint32_t hour = providers_hour(providers, provider);

    json_put_cell(out, providers->list, provider);
    out->len--; /* its closing brace */
    json_put_name(out, "last_hour");
    if (providers->hour == NULL) {
        buffer_put(out, TEXT("null}"));
        return;
    }
    buffer_put_byte(out, '{');
    for (size_t i = 0; i < sizeof copied / sizeof *copied; i++) {
        uint32_t at = hour == CELL_NONE
                          ? CELL_NONE
                          : document_member(providers->hour, hour, text_of(copied[i]));

        json_put_name(out, copied[i]);
        if (at != CELL_NONE)
            json_put_cell(out, providers->hour, at);
        else
            buffer_put(out, i < 2 ? TEXT("0") : TEXT("null"));
    }
    buffer_put(out, TEXT("}}"));
}

static void print_json(const struct command_line *line, const struct providers *providers,
                       uint32_t data)
{
    struct buffer out = buffer_in(line->arena);
    bool first = true;

    buffer_put(&out, TEXT("{\"object\":\"list\",\"data\":["));
    for (uint32_t at = data + 1; at < document_next(providers->list, data);
         at = document_next(providers->list, at)) {
        if (!first)
            buffer_put_byte(&out, ',');
        put_provider(&out, providers, at);
        first = false;
    }
    buffer_put(&out, TEXT("],\"has_more\":false}"));
    printf("%.*s\n", TEXT_ARG(buffer_text(&out)));
}

static int print_list(const struct command_line *line, const struct providers *providers,
                      uint32_t data)
{
    if (option_on(line, "json")) {
        print_json(line, providers, data);
        return EXIT_DONE;
    }
    providers_print_list(providers);
    if (document_cell(providers->list, data)->size == 0 && !option_on(line, "quiet"))
        fputs("there are none; pinion.yaml names them: providers: {openai: {kind: openai, key: "
              "\"${env:OPENAI_API_KEY}\"}}\n",
              stderr);
    return EXIT_DONE;
}

static int unknown(const struct command_line *line, const struct document *list, uint32_t data)
{
    struct text *names = ARENA_ARRAY(line->arena, struct text, document_cell(list, data)->size + 1);
    struct error err = {0};
    struct text near;
    size_t count = 0;

    for (uint32_t at = data + 1; at < document_next(list, data); at = document_next(list, at))
        names[count++] = member_text(list, at, "id");
    near = nearest_name(text_of(line->arguments[0]), names, count);
    error_set(&err, ERROR_INVALID_REQUEST, NULL, "there is no provider '%.80s'",
              line->arguments[0]);
    if (near.len > 0)
        error_hint(&err, "did you mean '%.*s'?", TEXT_ARG(near));
    else
        error_hint(&err, "'pinion providers' lists them");
    remote_error(line, &err);
    return EXIT_NOT_FOUND;
}

static int print_one(const struct command_line *line, const struct providers *providers,
                     uint32_t data)
{
    const struct document *list = providers->list;
    struct buffer out = buffer_in(line->arena);
    uint32_t at = data + 1;

    while (at < document_next(list, data) &&
           !text_equal(member_text(list, at, "id"), text_of(line->arguments[0])))
        at = document_next(list, at);
    if (at >= document_next(list, data))
        return unknown(line, list, data);
    if (!option_on(line, "json")) {
        providers_print_one(providers, at);
        return EXIT_DONE;
    }
    put_provider(&out, providers, at);
    printf("%.*s\n", TEXT_ARG(buffer_text(&out)));
    return EXIT_DONE;
}

static int providers(const struct command_line *line)
{
    struct document list, hour;
    struct providers all = {.list = &list, .color = command_line_color(line, stdout)};
    struct settings settings;
    struct error err = {0};
    bool known = false;
    uint32_t data;
    int code;

    if (!config_folder_settings(line, &settings, &err))
        return remote_error(line, &err);
    code = ask(line, &settings, TEXT("/admin/v1/providers"), &list);
    if (code == EXIT_DONE)
        code = ask_hour(line, &settings, &hour, &known);
    if (code != EXIT_DONE)
        return code;
    all.hour = known ? &hour : NULL;
    data = document_member(&list, 0, TEXT("data"));
    if (data == CELL_NONE || document_cell(&list, data)->type != CELL_ARRAY) {
        error_set(&err, ERROR_UPSTREAM_UNREACHABLE, NULL,
                  "what answers on the admin address is no Pinion, or one of another version");
        return remote_error(line, &err);
    }
    return line->argument_count > 0 ? print_one(line, &all, data) : print_list(line, &all, data);
}

static const struct option_spec options[] = {PLACE_OPTIONS};

const struct command_spec command_providers = {
    .name = "providers",
    .arguments = "[PROVIDER]",
    .arguments_max = 1,
    .summary = "Show how providers fare, their keys and models, and who uses them",
    .examples = {"providers", "providers openai --json"},
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .see_also = "usage, logs list, secret list",
    .run = providers,
};
