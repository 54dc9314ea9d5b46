/* `${env:NAME}`, `${NAME}` and `${file:/path}` in strings of pinion.yaml. A secret is wiped when
 * the configuration ends, and is never repeated: messages speak of the variable or the file. */
#include "config/load.h"

#include "base/buffer.h"
#include "config/value.h"

#include <openssl/crypto.h>

enum { SECRET_BYTES = 64 * 1024 };

static void cleanse(void *thing)
{
    struct text *secret = thing;

    OPENSSL_cleanse((char *)(uintptr_t)secret->at, secret->len);
}

/* Wipes the bytes when the configuration ends. */
static void keep_secret(struct load *load, struct text secret)
{
    struct text *kept = ARENA_NEW(load->arena, struct text);

    *kept = secret;
    arena_defer(load->arena, cleanse, kept);
}

static bool is_variable_name(struct text name)
{
    for (size_t i = 0; i < name.len; i++) {
        char byte = name.at[i];
        bool letter = (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || byte == '_';

        if (!letter && !(i > 0 && byte >= '0' && byte <= '9'))
            return false;
    }
    return name.len > 0 && name.len < 200;
}

struct secret_place {
    const struct document *document;
    uint32_t cell;
    size_t offset, len;
};

static bool malformed_secret(struct load *load, const struct secret_place *place, const char *what)
{
    struct diagnostic *it =
        diagnose_inside(load->diagnostics, place->document, place->cell, place->offset, place->len,
                        DIAGNOSTIC_E0106, "%s", what);

    diagnostic_hint(load->diagnostics, it, "write ${env:NAME} or ${file:/absolute/path}");
    return false;
}

static void unresolved(struct load *load, const struct secret_place *place, struct text name,
                       const char *why, const char *hint)
{
    bool error = !load->options->allow_missing_secrets && !load->options->dev;
    struct arena *arena = load->diagnostics->arena;
    struct diagnostic *it =
        diagnose_inside(load->diagnostics, place->document, place->cell, place->offset, place->len,
                        error ? DIAGNOSTIC_E0601 : DIAGNOSTIC_W0602, "\"%.*s\" %s",
                        TEXT_ARG(value_shown(arena, name)), why);

    if (load->options->dev)
        hint = "with --dev a provider without its key answers by the built-in demo instead";
    diagnostic_hint(load->diagnostics, it, "%s", hint);
}

static bool from_variable(struct load *load, const struct secret_place *place, struct text name,
                          struct text *out_value)
{
    bool set;

    if (!is_variable_name(name))
        return malformed_secret(load, place, "the name of an environment variable is malformed");
    set = load->folder->variable(load->folder, name, out_value);
    if (set && out_value->len > 0)
        return true;
    unresolved(load, place, name,
               set ? "is set to nothing in the environment" : "is not set in the environment",
               "set it before starting, for example with export; or try without it: "
               "`pinion serve --dev` answers by the built-in demo provider");
    *out_value = (struct text){0};
    return true;
}

static bool from_file(struct load *load, const struct secret_place *place, struct text path,
                      struct text *out_value)
{
    const char *why = "cannot be read";
    enum folder_status status;

    if (path.len == 0 || path.at[0] != '/' || memchr(path.at, '\0', path.len) != NULL)
        return malformed_secret(load, place, "the file of a secret needs an absolute path");
    status = load->folder->read_absolute(load->folder, path, load->arena, out_value, &why);
    if (status == FOLDER_OK) {
        keep_secret(load, *out_value);
        *out_value = text_trim(*out_value);
        if (out_value->len > 0 && out_value->len <= SECRET_BYTES)
            return true;
    }
    unresolved(load, place, path,
               status == FOLDER_MISSING     ? "does not exist"
               : status == FOLDER_IRREGULAR ? "is not a regular file"
               : status == FOLDER_LARGE     ? "is too large for a secret"
               : status == FOLDER_FAILED    ? "cannot be read by this user"
               : out_value->len == 0        ? "is empty"
                                            : "is too large for a secret",
               "the file holds the secret alone; white space around it is ignored");
    *out_value = (struct text){0};
    return true;
}

/* Replaces the reference at the front of *rest. */
static bool replace(struct load *load, struct secret_place *place, struct text *rest,
                    struct text *out_value)
{
    size_t end = text_find_byte(*rest, '}');
    struct text name = text_after(text_first(*rest, end), 2);

    place->len = end < rest->len ? end + 1 : rest->len;
    if (end == rest->len)
        return malformed_secret(load, place, "'${' is never closed by '}'");
    *rest = text_after(*rest, end + 1);
    if (text_starts(name, TEXT("file:")))
        return from_file(load, place, text_after(name, 5), out_value);
    if (text_starts(name, TEXT("env:")))
        name = text_after(name, 4);
    return from_variable(load, place, name, out_value);
}

void load_mask(struct load *load, const struct document *document, uint32_t cell)
{
    struct range range = document_range(document, cell);
    struct masked *masked;

    if (document_cell(document, cell)->type == CELL_STRING &&
        text_starts(document_text(document, cell), TEXT("${")) &&
        text_ends(document_text(document, cell), TEXT("}")))
        return;
    masked = ARENA_NEW(load->arena, struct masked);
    *masked = (struct masked){load->masked, document->source.at, range.start.byte, range.end.byte};
    load->masked = masked;
}

bool load_secret(struct load *load, const struct document *document, uint32_t cell,
                 struct text *out_value, bool *out_missing)
{
    struct text written = document_text(document, cell), rest = written, value;
    struct buffer out = buffer_in(load->arena);
    bool replaced = false;

    *out_missing = false;
    while (rest.len > 0) {
        size_t start = text_find(rest, TEXT("${"));
        struct secret_place place = {document, cell, 0, 0};

        buffer_put(&out, text_first(rest, start));
        rest = text_after(rest, start);
        place.offset = written.len - rest.len;
        if (rest.len == 0)
            break;
        if (!replace(load, &place, &rest, &value))
            return false;
        *out_missing |= value.len == 0;
        replaced = true;
        buffer_put(&out, value);
    }
    *out_value = replaced ? buffer_text(&out) : written;
    if (replaced)
        keep_secret(load, *out_value);
    load_digest(load, TEXT("secret"), *out_value);
    return true;
}
