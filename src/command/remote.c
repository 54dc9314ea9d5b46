#include "command/remote.h"

#include "command/config_folder.h"
#include "base/input.h"
#include "document/json_read.h"

enum { TIMEOUT_MS = 30000, LONG_TIMEOUT_MS = 3600000 };
enum { SILENCE_S = 60 }; /* of a stream that is to ping every 15 s */

/* What --token-file holds, without the line's end; empty: there is none. Read once: it may be
 * standard input. */
static bool read_credential(const struct command_line *line, struct text *out, struct error *err)
{
    const char *file = option_text(line, "token-file");
    static struct text known;

    *out = known;
    if (file == NULL || known.len > 0)
        return true;
    if (!input_read(file, line->arena, out, err))
        return false;
    known = *out = text_trim(*out);
    for (size_t i = 0; i < out->len; i++)
        if (out->at[i] <= ' ' || out->at[i] > '~')
            return error_set(err, ERROR_INVALID_REQUEST, "--token-file",
                             "'%s' holds more than one credential", file);
    return true;
}

/* Where the server is, and who asks. */
static bool address(const struct command_line *line, const struct settings *settings,
                    struct text path, struct fetch *out, struct error *err)
{
    const struct listen_address *admin = &settings->admin;
    struct text credential;

    if (!read_credential(line, &credential, err))
        return false;
    if (credential.len > 0)
        out->bearer = arena_terminated(line->arena, credential);
    if (admin->path.len > 0) {
        out->socket_path = arena_terminated(line->arena, admin->path);
        out->url = arena_printf(line->arena, "http://localhost%.*s", TEXT_ARG(path)).at;
    } else {
        out->url =
            arena_printf(line->arena, "http://%.*s%.*s", TEXT_ARG(admin->text), TEXT_ARG(path)).at;
    }
    return true;
}

static bool call(const struct command_line *line, const struct settings *settings,
                 const char *method, struct text path, struct text body, long timeout_ms,
                 int *out_status, struct text *out_body, struct error *err)
{
    struct fetch fetch = {.method = method, .body = body, .timeout_ms = timeout_ms};

    return address(line, settings, path, &fetch, err) &&
           fetch_run(&fetch, line->arena, out_status, out_body, err);
}

bool remote_follow(const struct command_line *line, const struct settings *settings,
                   struct text path, const struct remote_events *events, struct fetch_reply *out,
                   struct error *err)
{
    const char *fields[1];
    struct fetch fetch = {.method = "GET",
                          .silence_s = SILENCE_S,
                          .fields = fields,
                          .piece = events->piece,
                          .context = events->context};

    if (events->last.len > 0)
        fields[fetch.field_count++] =
            arena_printf(line->arena, "last-event-id: %.*s", TEXT_ARG(events->last)).at;
    return address(line, settings, path, &fetch, err) && fetch_reply(&fetch, line->arena, out, err);
}

bool remote_call(const struct command_line *line, const struct settings *settings,
                 const char *method, struct text path, struct text body, int *out_status,
                 struct text *out_body, struct error *err)
{
    return call(line, settings, method, path, body, TIMEOUT_MS, out_status, out_body, err);
}

bool remote_call_long(const struct command_line *line, const struct settings *settings,
                      const char *method, struct text path, struct text body, int *out_status,
                      struct text *out_body, struct error *err)
{
    return call(line, settings, method, path, body, LONG_TIMEOUT_MS, out_status, out_body, err);
}

static int exit_of(int status)
{
    switch (status) {
    case 400:
        return EXIT_USAGE;
    case 401:
    case 403:
        return EXIT_PERMISSION;
    case 404:
        return EXIT_NOT_FOUND;
    default:
        return EXIT_FAILED;
    }
}

int remote_failed(const struct command_line *line, int status, struct text body)
{
    struct document document;
    uint32_t message = CELL_NONE, hint = CELL_NONE;

    if (option_on(line, "json")) {
        fprintf(stderr, "%.*s\n", TEXT_ARG(body));
        return exit_of(status);
    }
    if (json_read(body, NULL, line->arena, &document, NULL, NULL)) {
        message = document_at(&document, 0, TEXT("/error/message"));
        hint = document_at(&document, 0, TEXT("/error/hint"));
    }
    if (message == CELL_NONE)
        fprintf(stderr, "pinion: error: the server answered %d\n", status);
    else
        fprintf(stderr, "pinion: error: %.*s\n", TEXT_ARG(document_text(&document, message)));
    if (hint != CELL_NONE)
        fprintf(stderr, "  help: %.*s\n", TEXT_ARG(document_text(&document, hint)));
    return exit_of(status);
}

static bool ask(const struct command_line *line, const char *method, struct text path,
                struct text body, long timeout_ms, struct document *out, int *out_code)
{
    struct settings settings;
    struct text answer;
    struct error err = {0};
    int status;

    if (!config_folder_settings(line, &settings, &err) ||
        !call(line, &settings, method, path, body, timeout_ms, &status, &answer, &err))
        *out_code = remote_error(line, &err);
    else if (status != 200)
        *out_code = remote_failed(line, status, answer);
    else if (option_on(line, "json"))
        *out_code = printf("%.*s\n", TEXT_ARG(answer)) > 0 ? EXIT_DONE : EXIT_FAILED;
    else if (!json_read(answer, NULL, line->arena, out, NULL, &err))
        *out_code = remote_error(line, &err);
    else
        return true;
    return false;
}

bool remote_ask(const struct command_line *line, const char *method, struct text path,
                struct text body, struct document *out, int *out_code)
{
    return ask(line, method, path, body, TIMEOUT_MS, out, out_code);
}

bool remote_ask_long(const struct command_line *line, const char *method, struct text path,
                     struct text body, struct document *out, int *out_code)
{
    return ask(line, method, path, body, LONG_TIMEOUT_MS, out, out_code);
}

bool remote_slug(const struct command_line *line, const char *argument, struct text *out)
{
    struct error err = {0};

    *out = text_of(argument);
    if (slug_valid(*out))
        return true;
    error_set(&err, ERROR_INVALID_REQUEST, "SLUG", "'%.*s' cannot be the slug of an endpoint",
              TEXT_ARG(text_first(*out, 64)));
    remote_error(line, &err);
    return false;
}

bool remote_ask_list(const struct command_line *line, const char *path, struct document *out,
                     int *out_code)
{
    struct text whole = arena_printf(line->arena, "%s?limit=200", path), slug;

    if (line->argument_count > 0) {
        if (!remote_slug(line, line->arguments[0], &slug)) {
            *out_code = EXIT_USAGE;
            return false;
        }
        whole = arena_printf(line->arena, "%.*s&endpoint=%.*s", TEXT_ARG(whole), TEXT_ARG(slug));
    }
    return remote_ask(line, "GET", whole, (struct text){0}, out, out_code);
}

size_t remote_each(const struct document *list,
                   void (*show)(const struct document *list, uint32_t thing))
{
    uint32_t data = document_member(list, 0, TEXT("data"));

    if (data == CELL_NONE || document_cell(list, data)->type != CELL_ARRAY)
        return 0;
    for (uint32_t at = data + 1; at < document_next(list, data); at = document_next(list, at))
        show(list, at);
    return document_cell(list, data)->size;
}

bool remote_answers(const struct command_line *line, const struct settings *settings)
{
    struct error err = {0};
    struct text body;
    int status;

    return remote_call(line, settings, "GET", TEXT("/livez"), (struct text){0}, &status, &body,
                       &err);
}

int remote_error(const struct command_line *line, const struct error *err)
{
    command_error_print(line->program, err, option_on(line, "json"), stderr);
    switch (err->code) {
    case ERROR_INVALID_REQUEST:
        return EXIT_USAGE;
    case ERROR_TOKEN_NOT_FOUND:
    case ERROR_SECRET_NOT_FOUND:
    case ERROR_BACKUP_NOT_FOUND:
    case ERROR_SESSION_NOT_FOUND:
    case ERROR_VERSION_NOT_FOUND:
        return EXIT_NOT_FOUND;
    case ERROR_UPSTREAM_UNREACHABLE:
    case ERROR_UPSTREAM_TIMEOUT:
        return EXIT_UNREACHABLE;
    default:
        return EXIT_FAILED;
    }
}
