#include "command/version_ask.h"

#include "command/config_folder.h"
#include "command/remote.h"
#include "document/json_read.h"
#include "document/member.h"

bool version_argument(const struct command_line *line, const char *argument,
                      struct version_name *out)
{
    struct error err = {0};

    if (version_name_read(text_of(argument), out) && slug_valid(out->slug))
        return true;
    error_set(&err, ERROR_INVALID_REQUEST, argument, "'%.100s' names no version of an endpoint",
              argument);
    error_hint(&err, "write summarize@7, or summarize@ and 12 or more digits of a hash");
    remote_error(line, &err);
    return false;
}

struct text version_name_text(const struct command_line *line, const struct version_name *name)
{
    if (name->number > 0)
        return arena_printf(line->arena, "%.*s@%llu", TEXT_ARG(name->slug),
                            (unsigned long long)name->number);
    if (name->hash.len > 0)
        return arena_printf(line->arena, "%.*s@%.*s", TEXT_ARG(name->slug), TEXT_ARG(name->hash));
    return name->slug;
}

int version_get(const struct command_line *line, struct text path, struct text *out_body,
                struct document *out)
{
    static const struct json_limits limits = {.nodes = JSON_UNLIMITED};
    struct settings settings;
    struct error err = {0};
    int status;

    if (!config_folder_settings(line, &settings, &err) ||
        !remote_call(line, &settings, "GET", path, (struct text){0}, &status, out_body, &err)) {
        if (err.code == ERROR_UPSTREAM_UNREACHABLE)
            error_hint(&err, "is the server running? start it with 'pinion serve'");
        return remote_error(line, &err);
    }
    if (status != 200)
        return remote_failed(line, status, *out_body);
    return json_read(*out_body, &limits, line->arena, out, NULL, &err) ? EXIT_DONE
                                                                       : remote_error(line, &err);
}

uint64_t version_number(const struct document *document, uint32_t object, const char *name)
{
    long long number = member_integer(document, object, name);

    return number > 0 ? (uint64_t)number : 0;
}

static void read_files(const struct command_line *line, const struct document *document,
                       struct version_told *out)
{
    uint32_t files = document_member(document, 0, TEXT("files"));

    if (files == CELL_NONE)
        return;
    out->files = ARENA_ARRAY(line->arena, struct history_file, document->cells[files].size);
    for (uint32_t i = files + 1; i < document->cells[files].end; i = document_next(document, i))
        out->files[out->file_count++] = (struct history_file){
            .path = member_text(document, i, "path"), .bytes = member_text(document, i, "content")};
}

int version_fetch(const struct command_line *line, const struct version_name *name,
                  struct version_told *out)
{
    struct document *document = ARENA_NEW(line->arena, struct document);
    struct text body;
    int code = version_get(line,
                           arena_printf(line->arena, "/admin/v1/versions/%.*s",
                                        TEXT_ARG(version_name_text(line, name))),
                           &body, document);

    *out = (struct version_told){0};
    if (code != EXIT_DONE)
        return code;
    out->number = version_number(document, 0, "version");
    out->hash = member_text(document, 0, "hash");
    out->rolled_back = member_flag(document, 0, "rolled_back");
    read_files(line, document, out);
    return EXIT_DONE;
}
