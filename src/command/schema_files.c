/* Schemas and documents of the command line. Files get a URI from their real path, so that however
 * a path is spelled it is one schema. */
#include "command/schema_files.h"

#include "base/buffer.h"
#include "base/input.h"
#include "document/json_read.h"
#include "document/place.h"
#include "document/yaml_read.h"
#include "schema/uri.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

static bool is_yaml(const char *name)
{
    return text_ends(text_of(name), TEXT(".yaml")) || text_ends(text_of(name), TEXT(".yml"));
}

/* An empty file is an empty object in YAML, and so a schema that takes everything: not meant. */
static bool holds_something(const struct document *document, struct diagnostics *diagnostics)
{
    struct range range = document_range(document, 0);

    if (range.end.byte > range.start.byte)
        return true;
    diagnose(diagnostics, document, 0, DIAGNOSTIC_E0001, "the file is empty");
    return false;
}

bool schema_files_read(struct text source, const char *name, struct arena *arena,
                       struct document *out, struct diagnostics *diagnostics)
{
    static const struct json_limits limits = {.nodes = JSON_UNLIMITED};
    size_t errors = diagnostics->error_count, offset;
    struct diagnostic *it;
    struct error err;

    if (is_yaml(name))
        return yaml_read(source, text_of(name), arena, out, diagnostics) &&
               diagnostics->error_count == errors && holds_something(out, diagnostics);
    if (json_read(source, &limits, arena, out, &offset, &err)) {
        out->file = text_of(name);
        return true;
    }
    it = diagnose_file(diagnostics, text_of(name), source,
                       range_of_bytes(source, offset, offset + 1), DIAGNOSTIC_E0002, "%s",
                       err.message);
    diagnostic_hint(diagnostics, it, "%s", err.hint);
    return false;
}

struct text schema_files_uri(struct arena *arena, const char *name)
{
    char *path = strcmp(name, "-") == 0 ? NULL : realpath(name, NULL);
    struct text uri =
        path ? arena_printf(arena, "file://%.*s", TEXT_ARG(uri_of_path(text_of(path), arena)))
             : TEXT("file:///stdin");

    free(path);
    return uri;
}

static bool add_file(struct schema_set *set, const char *path, struct arena *arena,
                     struct diagnostics *diagnostics, struct error *err)
{
    struct document *document = ARENA_NEW(arena, struct document);
    struct text source;

    if (!input_read(path, arena, &source, err))
        return false;
    if (schema_files_read(source, path, arena, document, diagnostics))
        schema_set_add(set, schema_files_uri(arena, path), document, 0);
    return true;
}

static int is_schema_file(const struct dirent *entry)
{
    return text_ends(text_of(entry->d_name), TEXT(".json")) || is_yaml(entry->d_name);
}

bool schema_files_add_folder(struct schema_set *set, const char *folder, struct arena *arena,
                             struct diagnostics *diagnostics, struct error *err)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, is_schema_file, alphasort);
    bool good = true;

    if (count < 0)
        return error_set(err, ERROR_FILE_UNREADABLE, NULL, "there is no folder '%s'", folder);
    for (int i = 0; i < count; i++) {
        struct text path = arena_printf(arena, "%s/%s", folder, entries[i]->d_name);

        good = good && add_file(set, path.at, arena, diagnostics, err);
        free(entries[i]);
    }
    free(entries);
    return good;
}
